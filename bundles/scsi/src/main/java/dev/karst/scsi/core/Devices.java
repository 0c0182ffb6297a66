package dev.karst.scsi.core;

import dev.karst.base.DataFolder;
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
import dev.karst.scsi.core.model.Workspace;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.Designate;

/** The devices. Control threads change them, one change at a time; what reactors read is immutable and replaced. */
@Component(immediate = true, configurationPid = "dev.karst.scsi", service = {ScsiDevices.class, Devices.class})
@Designate(ocd = ScsiSettings.class)
public final class Devices implements ScsiDevices {
    private static final Logger LOG = System.getLogger(Devices.class.getName());

    final Environment environment;
    final Reactors reactors;
    final BdevRegistry bdevs;
    final Commands commands = new Commands();
    /** The folder in which reservations persist; null for nowhere. */
    final Path reservations;

    private final Region memory;
    private final List<Workspace> workspaces = new ArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();
    private volatile List<Device> devices = List.of();

    /** No devices yet, and reservations that persist nowhere. */
    public Devices(Environment environment, Reactors reactors, BdevRegistry bdevs) throws StorageException {
        this(environment, reactors, bdevs, (Path) null);
    }

    /**
     * No devices yet.
     *
     * @param reservations an absolute folder that is there, in which reservations persist; null for nowhere
     * @throws StorageException ENOMEM
     */
    public Devices(Environment environment, Reactors reactors, BdevRegistry bdevs, Path reservations) throws StorageException {
        this.environment = environment;
        this.reactors = reactors;
        this.bdevs = bdevs;
        this.reservations = reservations;
        memory = environment.memory().allocate("scsi", (long) reactors.all().size() * Workspace.BYTES);
        for (Reactor reactor : reactors.all()) {
            workspaces.add(new Workspace(memory.address() + (long) reactor.id() * Workspace.BYTES));
        }
    }

    /** For Declarative Services. */
    @Activate
    public Devices(
        @Reference Environment environment, @Reference Reactors reactors, @Reference BdevRegistry bdevs, ScsiSettings settings)
        throws StorageException, IOException {
        this(environment, reactors, bdevs, folder(settings.reservations_folder()));
    }

    /** The folder of the settings, made if need be; its owner's alone. */
    private static Path folder(String setting) throws IOException {
        return Files.createDirectories(DataFolder.resolve(setting),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    /** The memory of a reactor, which all devices share. */
    Workspace workspace(Reactor reactor) {
        return workspaces.get(reactor.id());
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
        return List.copyOf(devices);
    }

    /** The same as they are managed. */
    public List<Device> all() {
        return devices;
    }

    @Override
    public ScsiDevice create(String name) throws StorageException {
        return change(() -> {
            if (devices.stream().anyMatch(device -> device.name().equals(name))) {
                throw StorageException.failure(Errno.EEXIST, "there is a SCSI device " + name);
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
            environment.memory().free(memory);
        }
    }
}
