package dev.karst.vhost;

import dev.karst.base.DataFolder;
import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.BdevRegistry;
import dev.karst.env.Environment;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Reactors;
import dev.karst.scsi.ScsiDevices;
import dev.karst.vhost.blk.BlkDevice;
import dev.karst.vhost.device.Device;
import dev.karst.vhost.scsi.ScsiHost;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.Designate;

/** The controllers there are. Control threads change them, one at a time. */
@Component(immediate = true, configurationPid = "dev.karst.vhost", service = VhostTarget.class)
@Designate(ocd = VhostSettings.class)
public final class VhostTarget {
    private static final Logger LOG = System.getLogger(VhostTarget.class.getName());
    private static final int MAX_CONTROLLERS = 1024;

    private final Environment environment;
    private final Reactors reactors;
    private final BdevRegistry registry;
    private final ScsiDevices scsi;
    private final Map<String, Controller> controllers = new LinkedHashMap<>();
    private final ReentrantLock lock = new ReentrantLock();
    private volatile Path folder;
    private volatile boolean anyFile;

    /**
     * A target without any.
     *
     * @param folder where sockets are, made when there is none yet
     * @param anyFile whether guests' memory may lie in files that can be made shorter
     */
    public VhostTarget(
        Environment environment, Reactors reactors, BdevRegistry registry, ScsiDevices scsi, Path folder, boolean anyFile) {
        this.environment = environment;
        this.reactors = reactors;
        this.registry = registry;
        this.scsi = scsi;
        this.folder = folder;
        this.anyFile = anyFile;
    }

    /** For Declarative Services. */
    @Activate
    public VhostTarget(
        @Reference Environment environment, @Reference Reactors reactors, @Reference BdevRegistry registry, @Reference ScsiDevices scsi,
        VhostSettings settings) {
        this(environment, reactors, registry, scsi, DataFolder.resolve(settings.socket_folder()), settings.allow_unsealed_memory());
    }

    @Modified
    public void modified(VhostSettings settings) {
        folder = DataFolder.resolve(settings.socket_folder());
        anyFile = settings.allow_unsealed_memory();
    }

    /** All reactors that queues may belong to. */
    public List<Reactor> reactors() {
        return reactors.all();
    }

    /** A snapshot of them, in the order in which they were made. */
    public List<Controller> controllers() {
        lock.lock();
        try {
            return List.copyOf(controllers.values());
        } finally {
            lock.unlock();
        }
    }

    /** The one of that name. */
    public Controller controller(String name) throws StorageException {
        lock.lock();
        try {
            Controller found = controllers.get(name);
            if (found == null) {
                throw StorageException.failure(Errno.ENODEV,
                    "there is no controller " + name + "; vhost:controller-list shows those there are");
            }
            return found;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Makes a virtio-blk controller: a socket of that name in the folder.
     *
     * @param on which reactors its queues belong to, in turn; at least one
     * @throws StorageException EEXIST when there is one of that name; EINVAL for a name that is no file name; what {@link BlkDevice#open}
     *     and {@link dev.karst.env.unix.UnixSockets#listen} say
     */
    public Controller createBlk(String name, String bdev, List<Reactor> on, BlkDevice.Options options) throws StorageException {
        lock.lock();
        try {
            Path path = path(name);
            var device = new BlkDevice(name, environment, on, registry, options);
            device.open(bdev);
            return add(device, path, true);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Makes a virtio-scsi controller without targets: a socket of that name in the folder.
     *
     * @param on which reactors it may belong to; at least one
     * @param starts whether it listens at once; else from {@link #start} on
     * @throws StorageException EEXIST when there is one of that name; EINVAL for a name that is no file name; what {@link
     *     dev.karst.env.unix.UnixSockets#listen} says
     */
    public Controller createScsi(String name, List<Reactor> on, boolean starts) throws StorageException {
        lock.lock();
        try {
            Path path = path(name);
            return add(new ScsiHost(name, new ScsiHost.Surroundings(environment, reactors, registry, scsi), on), path, starts);
        } finally {
            lock.unlock();
        }
    }

    private Controller add(Device device, Path path, boolean starts) throws StorageException {
        var made = new Controller(device, path, environment, reactors, anyFile);
        try {
            makeFolder(path.getParent());
            if (starts) {
                made.start();
            }
            controllers.put(device.name(), made);
            return made;
        } catch (StorageException e) {
            device.close();
            throw e;
        }
    }

    /**
     * Lets a controller listen that does not yet.
     *
     * @throws StorageException ENODEV when there is none; EEXIST when it listens; what {@link dev.karst.env.unix.UnixSockets#listen} says
     */
    public void start(String name) throws StorageException {
        lock.lock();
        try {
            controller(name).start();
        } finally {
            lock.unlock();
        }
    }

    /** Where a new controller listens. */
    private Path path(String name) throws StorageException {
        if (controllers.containsKey(name)) {
            throw StorageException.failure(Errno.EEXIST, "there is a controller " + name + " already");
        }
        if (name.isEmpty() || name.contains("/") || name.equals(".") || name.equals("..") || name.indexOf('\0') >= 0) {
            throw StorageException.failure(Errno.EINVAL, "the controller's name is " + name + ", which is no name of a file");
        }
        if (controllers.size() == MAX_CONTROLLERS) {
            throw StorageException.failure(Errno.ENOSPC, "there are " + MAX_CONTROLLERS + " controllers already");
        }
        return folder.resolve(name);
    }

    /** Makes the folder of sockets when there is none yet. */
    private static void makeFolder(Path folder) throws StorageException {
        try {
            Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } catch (IOException e) {
            throw new StorageException(-Errno.EACCES, "cannot make the folder of sockets " + folder + ": " + e.getMessage(), e);
        }
    }

    /**
     * Deletes a controller; its front-end is cut off.
     *
     * @throws StorageException ENODEV when there is none; ETIMEDOUT when requests in flight do not end
     */
    public void delete(String name) throws StorageException {
        lock.lock();
        try {
            close(controller(name));
            controllers.remove(name);
        } finally {
            lock.unlock();
        }
    }

    private static void close(Controller controller) throws StorageException {
        controller.close();
        controller.device().close();
    }

    private static boolean ends(Controller controller) {
        try {
            close(controller);
            return true;
        } catch (StorageException e) {
            LOG.log(Level.WARNING, "did not end cleanly: {0}", e.getMessage());
            return false;
        }
    }

    /** Ends all and gives everything back; one whose requests in flight do not end is still there. */
    @Deactivate
    public void close() {
        lock.lock();
        try {
            controllers.values().removeIf(VhostTarget::ends);
        } finally {
            lock.unlock();
        }
    }
}
