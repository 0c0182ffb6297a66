package dev.karst.bdev.passthru;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.Bdev;
import dev.karst.bdev.BdevDescriptor;
import dev.karst.bdev.BdevEvents;
import dev.karst.bdev.MediaEvent;
import dev.karst.bdev.module.BdevHost;
import dev.karst.bdev.module.Creation;
import java.util.List;

/**
 * What a device stands on, opened and claimed. Its events come on a reactor, which must not wait, and are passed on by a
 * control thread.
 */
final class BaseBdev implements BdevEvents {
    private static final System.Logger LOG = System.getLogger(BaseBdev.class.getName());

    private final BdevHost host;
    /** The device that stands on it. */
    private final String name;
    private final boolean claimed;
    private BdevDescriptor descriptor;

    private BaseBdev(Creation creation, boolean claimed) {
        this.host = creation.host();
        this.name = creation.name();
        this.claimed = claimed;
    }

    /**
     * Opens {@code base} for the device in the making; for writing and with a claim, unless it cannot be written.
     *
     * @throws StorageException EPERM when somebody else has claimed it
     */
    static BaseBdev open(Creation creation, Bdev base) throws StorageException {
        var opened = new BaseBdev(creation, !base.readOnly());
        BdevHost host = creation.host();
        opened.descriptor = host.registry().open(base.name(), opened.claimed, host.reactors().next(), opened);
        try {
            opened.claim();
        } catch (StorageException e) {
            opened.descriptor.close();
            throw e;
        }
        return opened;
    }

    private void claim() throws StorageException {
        if (claimed) {
            host.registry().claim(descriptor, "passthru " + name);
        }
    }

    BdevDescriptor descriptor() {
        return descriptor;
    }

    /** Gives it back; no channel is open. Control threads. */
    void close() {
        if (claimed) {
            host.registry().release(descriptor);
        }
        descriptor.close();
    }

    @Override
    public void removed() {
        later(() -> host.unregister(name));
    }

    /** Several changes may be passed on in any order: each passes on the size of that moment. */
    @Override
    public void resized(long blocks) {
        later(() -> host.resized(name, descriptor.bdev().blocks()));
    }

    @Override
    public void mediaEvents(List<MediaEvent> events) {
        later(() -> host.mediaEvents(name, events));
    }

    private void later(Task task) {
        host.environment().threads().background().execute(() -> run(task));
    }

    private void run(Task task) {
        try {
            task.run();
        } catch (StorageException e) {
            // Gone by itself meanwhile, or its module is going.
            var level = e.code() == -Errno.ENODEV ? System.Logger.Level.DEBUG : System.Logger.Level.WARNING;
            LOG.log(level, "{0} could not follow its base: {1}", name, e.getMessage());
        }
    }

    /** Something that the block layer may refuse. */
    private interface Task {
        void run() throws StorageException;
    }
}
