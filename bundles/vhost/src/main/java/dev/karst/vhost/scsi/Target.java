package dev.karst.vhost.scsi;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.BdevDescriptor;
import dev.karst.bdev.BdevEvents;
import dev.karst.env.Region;
import dev.karst.scsi.ScsiDevice;
import dev.karst.scsi.TargetPort;
import java.util.concurrent.CompletableFuture;

/** A target: a SCSI device with one logical unit, and memory for the requests to it. What is final may be read by any thread. */
final class Target implements BdevEvents {
    static final TargetPort PORT = new TargetPort(1, "", TargetPort.NONE);

    private static final String BASE = "iqn.2026-11.dev.karst:";
    private static final long WAIT_MS = 20_000;

    final int number;
    final ScsiDevice device;
    private final ScsiHost host;
    private final String bdev;
    private final Region memory;
    /** Says when the block device goes; the device has one of its own. */
    private BdevDescriptor descriptor;

    private Target(ScsiHost host, int number, String bdev) throws StorageException {
        this.host = host;
        this.number = number;
        this.bdev = bdev;
        memory = host.around().environment().memory().allocate("vhost scsi", (long) GuestNexus.DEPTH * Request.OWN_BYTES);
        try {
            device = host.around().devices().create(BASE + host.name() + ".target" + number);
        } catch (StorageException e) {
            host.around().environment().memory().free(memory);
            throw e;
        }
    }

    /**
     * Opens one on a block device. Control threads.
     *
     * @throws StorageException EINVAL when there is no such block device or somebody else has claimed it
     */
    static Target open(ScsiHost host, int number, String bdev) throws StorageException {
        var target = new Target(host, number, bdev);
        try {
            target.open();
            return target;
        } catch (StorageException e) {
            target.close(null);
            throw StorageException.failure(Errno.EINVAL, e.getMessage());
        }
    }

    private void open() throws StorageException {
        descriptor = host.around().bdevs().openWithoutMetadata(bdev, false, host.home(), this);
        device.addPort(PORT);
        device.addUnit(0, bdev);
    }

    ScsiHost.Shown shown() {
        return new ScsiHost.Shown(number, device, bdev);
    }

    /** Memory of {@link GuestNexus#DEPTH} requests. */
    long memory() {
        return memory.address();
    }

    @Override
    public void removed() {
        host.around().environment().threads().background().execute(() -> host.gone(this));
    }

    /**
     * Ends it. Control threads.
     *
     * @param nexus the one that is left of it, or null
     * @throws StorageException ETIMEDOUT when requests in flight do not end; their memory is kept
     */
    void close(GuestNexus nexus) throws StorageException {
        try {
            device.close();
        } finally {
            if (descriptor != null) {
                descriptor.close();
            }
        }
        if (nexus != null) {
            var released = new CompletableFuture<Void>();
            host.home().execute(() -> nexus.close(() -> released.complete(null)));
            host.around().reactors().await(released, WAIT_MS, "the requests to " + device.name());
        }
        host.around().environment().memory().free(memory);
    }
}
