package dev.karst.scsi.core;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.BdevRegistry;
import dev.karst.env.Environment;
import dev.karst.env.Region;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Reactors;
import dev.karst.scsi.ScsiDevice;
import dev.karst.scsi.ScsiDevices;
import dev.karst.scsi.core.command.Commands;
import dev.karst.scsi.core.model.DeviceGroup;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/** The devices. Control threads change them, one change at a time; what reactors read is immutable and replaced. */
@Component(immediate = true, service = {ScsiDevices.class, Devices.class})
public final class Devices implements ScsiDevices {
    private static final Logger LOG = System.getLogger(Devices.class.getName());

    final Environment environment;
    final Reactors reactors;
    final BdevRegistry bdevs;
    final Commands commands = new Commands();

    private final Region pages;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile List<ScsiDevice> devices = List.of();

    /**
     * No devices yet; also for Declarative Services.
     *
     * @throws StorageException ENOMEM
     */
    @Activate
    public Devices(@Reference Environment environment, @Reference Reactors reactors, @Reference BdevRegistry bdevs)
        throws StorageException {
        this.environment = environment;
        this.reactors = reactors;
        this.bdevs = bdevs;
        pages = environment.memory().allocate("scsi", (long) reactors.all().size() * DeviceGroup.PAGE_BYTES);
    }

    /** The page of a reactor, which all devices share. */
    long page(Reactor reactor) {
        return pages.address() + (long) reactor.id() * DeviceGroup.PAGE_BYTES;
    }

    /** A change of the control plane. */
    @FunctionalInterface
    interface Change<T> {
        T run() throws StorageException;
    }

    /** Runs one change, after those before it. */
    <T> T change(Change<T> change) throws StorageException {
        lock.lock();
        try {
            return change.run();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public List<ScsiDevice> devices() {
        return devices;
    }

    @Override
    public ScsiDevice create(String name) throws StorageException {
        return change(() -> {
            if (devices.stream().anyMatch(device -> device.name().equals(name))) {
                throw StorageException.errno(Errno.EEXIST, Errno.text(Errno.EEXIST) + ": there is a SCSI device " + name);
            }
            int id = 0;
            for (ScsiDevice device : devices) {
                id += device.id() == id ? 1 : 0;
            }
            var made = new Device(this, id, name);
            var more = new ArrayList<>(devices);
            more.add(made);
            more.sort(Comparator.comparingInt(ScsiDevice::id));
            devices = List.copyOf(more);
            return made;
        });
    }

    /** A device has ended. Under the lock. */
    void forget(Device device) {
        devices = devices.stream().filter(one -> one != device).toList();
    }

    /** Ends all devices, whose nexuses have been closed. What does not end in time keeps its memory. Control threads. */
    @Deactivate
    public void close() {
        boolean clean = true;
        for (ScsiDevice device : devices) {
            try {
                device.close();
            } catch (StorageException e) {
                clean = false;
                LOG.log(Level.WARNING, "the SCSI device {0} did not end cleanly: {1}", device.name(), e.getMessage());
            }
        }
        if (clean) {
            environment.memory().free(pages);
        }
    }
}
