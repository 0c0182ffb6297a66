package dev.karst.vhost.scsi;

import dev.karst.base.Errno;
import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.bdev.BdevRegistry;
import dev.karst.env.Environment;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Reactors;
import dev.karst.scsi.ScsiDevice;
import dev.karst.scsi.ScsiDevices;
import dev.karst.spec.virtio.ScsiConfig;
import dev.karst.spec.virtio.ScsiEvent;
import dev.karst.spec.virtio.ScsiFeature;
import dev.karst.spec.virtio.ScsiRequest;
import dev.karst.spec.virtio.ScsiResponse;
import dev.karst.vhost.device.Coalescing;
import dev.karst.vhost.device.Device;
import dev.karst.vhost.device.DeviceQueue;
import dev.karst.vhost.device.QueueHandler;
import dev.karst.vhost.ring.Chain;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;

/**
 * A virtio-scsi host: a control queue, an event queue and request queues, and up to {@link #TARGETS} targets, each with a block device as
 * logical unit 0. All its queues belong to one reactor, for they share one I_T nexus with each target, and a task set and its management
 * are of a nexus. Control threads change the targets, one change at a time.
 */
public final class ScsiHost implements Device {
    /** Most targets; SPDK's figure. */
    public static final int TARGETS = 8;
    /** Most queues, the control and the event queue among them. */
    public static final int MAX_QUEUES = 256;

    static final int MAX_TRANSFER_BYTES = 4 << 20;

    private static final Logger LOG = System.getLogger(ScsiHost.class.getName());
    private static final int CONTROL = 0;
    private static final int EVENTS = 1;
    private static final int REQUESTS = 2;
    private static final int MAX_SEGMENTS = Chain.MAX_PIECES - 2;
    private static final int SECTOR_BYTES = 512;
    private static final int COMMANDS_PER_UNIT = 128;

    private final String name;
    private final Surroundings around;
    private final List<Reactor> reactors;
    private final Reactor home;
    private final AtomicReferenceArray<Target> targets = new AtomicReferenceArray<>(TARGETS);
    private final ReentrantLock lock = new ReentrantLock();
    private volatile Coalescing coalescing = Coalescing.NONE;
    /** While queues are open; the home reactor's. */
    private GuestPort guest;

    /**
     * A host without targets.
     *
     * @param on which reactors it may belong to; at least one
     */
    public ScsiHost(String name, Surroundings around, List<Reactor> on) {
        this.name = name;
        this.around = around;
        reactors = List.copyOf(on);
        home = choose();
    }

    /** What hosts stand on. */
    public record Surroundings(Environment environment, Reactors reactors, BdevRegistry bdevs, ScsiDevices devices) {}

    private Reactor choose() {
        for (int i = 0; i < around.reactors.all().size(); i++) {
            Reactor next = around.reactors.next();
            if (reactors.contains(next)) {
                return next;
            }
        }
        return reactors.getFirst();
    }

    Surroundings around() {
        return around;
    }

    /** The reactor of all its queues. */
    public Reactor home() {
        return home;
    }

    @Override
    public String name() {
        return name;
    }

    /**
     * A target.
     *
     * @param number below {@link #TARGETS}
     */
    public record Shown(int number, ScsiDevice device, String bdev) {}

    /** The targets there are, by number. */
    public List<Shown> targets() {
        return IntStream.range(0, TARGETS).mapToObj(targets::get).filter(target -> target != null).map(Target::shown).toList();
    }

    Target target(int number) {
        return targets.get(number);
    }

    /**
     * Adds a target, of which a guest is told.
     *
     * @param number -1 for the lowest that is free
     * @return its number
     * @throws StorageException EINVAL when there is no such number or no such block device, or somebody else has claimed that; EEXIST when
     *     the number is taken; ENOSPC when all are
     */
    public int add(int number, String bdev) throws StorageException {
        lock.lock();
        try {
            int place = number < 0 ? free() : number;
            if (place >= TARGETS) {
                throw StorageException.failure(number < 0 ? Errno.ENOSPC : Errno.EINVAL, "a controller has targets 0 to " + (TARGETS - 1));
            } else if (targets.get(place) != null) {
                throw StorageException.failure(Errno.EEXIST, "the controller " + name + " has a target " + place);
            }
            Target made = Target.open(this, place, bdev);
            targets.set(place, made);
            around.reactors.call(home, _ -> {
                if (guest != null) {
                    guest.added(made);
                }
                return null;
            });
            return place;
        } finally {
            lock.unlock();
        }
    }

    private int free() {
        int number = 0;
        while (number < TARGETS && targets.get(number) != null) {
            number++;
        }
        return number;
    }

    /**
     * Removes a target: a guest is told, what is in flight ends, what comes later finds none.
     *
     * @throws StorageException EINVAL when there is no such number, EBUSY when it has no target; ETIMEDOUT when requests in flight do not end
     */
    public void remove(int number) throws StorageException {
        lock.lock();
        try {
            if (number < 0 || number >= TARGETS) {
                throw StorageException.failure(Errno.EINVAL, "a controller has targets 0 to " + (TARGETS - 1));
            }
            Target target = targets.get(number);
            if (target == null) {
                throw StorageException.failure(Errno.EBUSY, "the controller " + name + " has no target " + number + " to remove");
            }
            remove(target);
        } finally {
            lock.unlock();
        }
    }

    private void remove(Target target) throws StorageException {
        targets.set(target.number, null);
        GuestNexus left = around.reactors.call(home, _ -> guest == null ? null : guest.removed(target));
        target.close(left);
    }

    /** The block device of a target goes, so the target does. */
    void gone(Target target) {
        lock.lock();
        try {
            if (targets.get(target.number) == target) {
                remove(target);
            }
        } catch (StorageException e) {
            LOG.log(Level.WARNING, "target {0} of {1} did not end cleanly: {2}", target.number, name, e.getMessage());
        } finally {
            lock.unlock();
        }
    }

    @Override
    public long features() {
        return ScsiFeature.HOTPLUG | ScsiFeature.CHANGE;
    }

    @Override
    public int maxQueues() {
        return MAX_QUEUES;
    }

    @Override
    public int configBytes() {
        return ScsiConfig.BYTES;
    }

    @Override
    public void writeConfig(long at) {
        Mem.fill(at, ScsiConfig.BYTES, (byte) 0);
        ScsiConfig.NUM_QUEUES.set(at, MAX_QUEUES - REQUESTS);
        ScsiConfig.SEG_MAX.set(at, MAX_SEGMENTS);
        ScsiConfig.MAX_SECTORS.set(at, MAX_TRANSFER_BYTES / SECTOR_BYTES);
        ScsiConfig.CMD_PER_LUN.set(at, COMMANDS_PER_UNIT);
        ScsiConfig.EVENT_INFO_SIZE.set(at, ScsiEvent.BYTES);
        ScsiConfig.SENSE_SIZE.set(at, ScsiResponse.SENSE.bytes());
        ScsiConfig.CDB_SIZE.set(at, ScsiRequest.CDB.bytes());
        ScsiConfig.MAX_TARGET.set(at, TARGETS - 1);
    }

    @Override
    public QueueHandler open(int index, DeviceQueue queue) {
        if (guest == null) {
            guest = new GuestPort(this);
        }
        return switch (index) {
            case CONTROL -> new ControlQueue(guest, queue);
            case EVENTS -> new EventQueue(guest, queue);
            default -> new RequestQueue(guest, queue);
        };
    }

    /** All queues have been closed. */
    void closed() {
        guest = null;
    }

    @Override
    public void close() {
        for (int i = 0; i < TARGETS; i++) {
            Target target = targets.get(i);
            if (target != null) {
                gone(target);
            }
        }
    }

    @Override
    public void listen(Listener listener) {
        // Nothing of the configuration ever changes.
    }

    @Override
    public Coalescing coalescing() {
        return coalescing;
    }

    @Override
    public void coalescing(Coalescing next) {
        coalescing = next;
    }

    @Override
    public List<Reactor> reactors() {
        return reactors;
    }

    @Override
    public Reactor reactor(int queue) {
        return home;
    }
}
