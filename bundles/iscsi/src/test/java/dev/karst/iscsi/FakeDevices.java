package dev.karst.iscsi;

import dev.karst.base.Errno;
import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.Memory;
import dev.karst.env.Region;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Timer;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.scsi.InitiatorPort;
import dev.karst.scsi.NexusOwner;
import dev.karst.scsi.ScsiDevice;
import dev.karst.scsi.ScsiDevices;
import dev.karst.scsi.ScsiNexus;
import dev.karst.scsi.ScsiTask;
import dev.karst.scsi.TargetPort;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntConsumer;

/**
 * Devices that know just enough: reads and writes of one small disk at LUN 0, answered at once or later as the world's chance says. They
 * hold the transport to its contract.
 */
final class FakeDevices implements ScsiDevices {
    static final int BLOCK_BYTES = 512;
    static final int BLOCKS = 4096;

    private final SimWorld world;
    private final List<ScsiDevice> devices = new ArrayList<>();
    final byte[] disk = new byte[BLOCKS * BLOCK_BYTES];
    int opened;
    int released;
    int shown;
    /** Commands stay with the device until {@link #letGo}. */
    boolean holds;
    /** TAS. */
    boolean tellsAborted;
    final List<Nexus> open = new ArrayList<>();

    FakeDevices(SimWorld world) {
        this.world = world;
    }

    @Override
    public List<ScsiDevice> devices() {
        return devices;
    }

    @Override
    public ScsiDevice create(String name) {
        Device device = new Device(devices.size(), name);
        devices.add(device);
        return device;
    }

    /** Ends what is held. */
    void letGo() {
        holds = false;
        open.forEach(nexus -> List.copyOf(nexus.held).forEach(nexus::finish));
    }

    private static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }

    private final class Device implements ScsiDevice {
        private final int id;
        private final String name;
        private final List<Unit> units = new ArrayList<>();
        private final List<TargetPort> ports = new ArrayList<>();

        Device(int id, String name) {
            this.id = id;
            this.name = name;
        }

        @Override
        public int id() {
            return id;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public List<Unit> units() {
            return List.copyOf(units);
        }

        @Override
        public int addUnit(int lun, String bdev) throws StorageException {
            if (bdev.equals("none")) {
                throw StorageException.errno(Errno.ENODEV, "there is no bdev " + bdev);
            }
            units.add(new Unit(lun < 0 ? units.size() : lun, bdev));
            return units.getLast().lun();
        }

        @Override
        public void removeUnit(int lun) {
            units.removeIf(unit -> unit.lun() == lun);
        }

        @Override
        public List<TargetPort> ports() {
            return List.copyOf(ports);
        }

        @Override
        public void addPort(TargetPort port) {
            check(!ports.contains(port), "a port is added twice");
            ports.add(port);
        }

        @Override
        public void removePort(TargetPort port) {
            ports.remove(port);
        }

        @Override
        public ScsiNexus open(InitiatorPort initiator, TargetPort port, Reactor reactor, NexusOwner owner) {
            check(reactor.isCurrent(), "opened on another reactor");
            check(ports.contains(port), "opened at a port that is not there");
            check(open.stream().noneMatch(other -> other.initiator.equals(initiator) && other.port.equals(port)),
                "two nexuses between the same ports");
            opened++;
            Nexus nexus = new Nexus(initiator, port, reactor, owner);
            open.add(nexus);
            return nexus;
        }

        @Override
        public void close() {
            devices.remove(this);
        }
    }

    /** A nexus. */
    final class Nexus extends ScsiNexus {
        final InitiatorPort initiator;
        final TargetPort port;
        final NexusOwner owner;
        private final Reactor reactor;
        private final Set<ScsiTask> prepared = new HashSet<>();
        private final Set<ScsiTask> executing = new HashSet<>();
        private final List<ScsiTask> held = new ArrayList<>();
        private boolean closed;

        Nexus(InitiatorPort initiator, TargetPort port, Reactor reactor, NexusOwner owner) {
            this.initiator = initiator;
            this.port = port;
            this.reactor = reactor;
            this.owner = owner;
        }

        @Override
        public void prepare(ScsiTask task) {
            check(prepared.add(task), "a task is prepared twice");
        }

        @Override
        public void execute(ScsiTask task) {
            check(!closed, "a command on a closed nexus");
            check(prepared.contains(task), "a task is not prepared");
            check(executing.add(task), "a task is executed twice");
            check(task.data.bytes() == task.sent + task.room, "the data is not as long as said");
            if (holds) {
                held.add(task);
            } else if (world.random().oneIn(2)) {
                finish(task);
            } else {
                reactor.schedule(new Timer() {
                    @Override
                    public void expired() {
                        if (executing.contains(task)) {
                            finish(task);
                        }
                    }
                }, 1 + world.random().below(200_000));
            }
        }

        private void finish(ScsiTask task) {
            executing.remove(task);
            held.remove(task);
            if (!closed) {
                run(task);
            }
            task.respond();
            releaseIfDone();
        }

        private void run(ScsiTask task) {
            int lba = Integer.reverseBytes(Mem.getInt(task.cdb + 2));
            int blocks = Mem.getU8(task.cdb + 7) << 8 | Mem.getU8(task.cdb + 8);
            switch (Mem.getU8(task.cdb)) {
                case 0x00 -> { }
                case 0x2a -> write(task, lba * BLOCK_BYTES, blocks * BLOCK_BYTES);
                case 0x28 -> read(task, lba * BLOCK_BYTES, blocks * BLOCK_BYTES);
                default -> sense(task, 5, 0x2000);
            }
        }

        private void write(ScsiTask task, int offset, int bytes) {
            task.wanted = bytes;
            int length = Math.min(bytes, task.sent);
            for (int i = 0, at = 0; at < length; i++) {
                int part = Math.min(task.data.length(i), length - at);
                Mem.get(task.data.address(i), disk, offset + at, part);
                at += part;
            }
        }

        private void read(ScsiTask task, int offset, int bytes) {
            task.wanted = bytes;
            task.answered = Math.min(bytes, task.room);
            boolean zero = true;
            for (int at = 0; at < task.answered && zero; at++) {
                zero = disk[offset + at] == 0;
            }
            task.zeros = task.takesZeros && zero;
            if (!task.zeros && task.takesView && task.answered > 0 && world.random().oneIn(2)) {
                show(task, offset);
            }
            for (int i = 0, at = 0; at < task.answered; i++) {
                int part = Math.min(task.data.length(i), task.answered - at);
                if (task.zeros || task.view.address() != 0) {
                    Mem.fill(task.data.address(i), part, (byte) 0x5a);
                } else {
                    Mem.put(task.data.address(i), disk, offset + at, part);
                }
                at += part;
            }
        }

        /** In memory that is there as long as it is held. */
        private void show(ScsiTask task, int offset) {
            Memory memory = world.environment().memory();
            try {
                Region region = memory.allocate("shown", task.answered);
                Mem.put(region.address(), disk, offset, task.answered);
                task.view.show(region, region.address());
                memory.free(region);
                shown++;
            } catch (StorageException e) {
                throw new AssertionError(e);
            }
        }

        private void sense(ScsiTask task, int key, int asc) {
            task.status = 2;
            task.senseBytes = 18;
            Mem.fill(task.sense, 18, (byte) 0);
            Mem.setByte(task.sense, (byte) 0x70);
            Mem.setByte(task.sense + 2, (byte) key);
            Mem.setByte(task.sense + 7, (byte) 10);
            Mem.setByte(task.sense + 12, (byte) (asc >> 8));
            Mem.setByte(task.sense + 13, (byte) asc);
        }

        @Override
        public void refuse(ScsiTask task, int key, int asc) {
            check(!closed && prepared.contains(task) && !executing.contains(task), "a refusal of what is no command");
            sense(task, key, asc);
            task.respond();
        }

        @Override
        public void manage(Management function, long lun, ScsiTask task, IntConsumer done) {
            check(!closed, "a function on a closed nexus");
            switch (function) {
                case ABORT_TASK -> {
                    check(task == null || executing.contains(task), "a task is aborted that is not executed");
                    abort(task);
                    done.accept(task == null ? NO_TASK : FUNCTION_COMPLETE);
                }
                case ABORT_TASK_SET, CLEAR_TASK_SET, LOGICAL_UNIT_RESET, TARGET_RESET -> {
                    if (function != Management.TARGET_RESET && lun != 0) {
                        done.accept(NO_LUN);
                        return;
                    }
                    List.copyOf(executing).forEach(this::abort);
                    if (function == Management.LOGICAL_UNIT_RESET || function == Management.TARGET_RESET) {
                        open.stream().filter(nexus -> nexus != this).forEach(nexus -> nexus.reactor.execute(nexus::resetByOther));
                    }
                    done.accept(FUNCTION_COMPLETE);
                }
                default -> done.accept(NOT_SUPPORTED);
            }
        }

        private void resetByOther() {
            if (!closed) {
                owner.abortWaiting(0, tellsAborted);
            }
        }

        private void abort(ScsiTask task) {
            if (executing.remove(task)) {
                held.remove(task);
                task.aborted();
            }
        }

        @Override
        public void close() {
            check(!closed, "a nexus is closed twice");
            closed = true;
            for (ScsiTask task : List.copyOf(held)) {
                finish(task);
            }
            releaseIfDone();
        }

        private void releaseIfDone() {
            if (closed && executing.isEmpty() && open.remove(this)) {
                released++;
                owner.released();
            }
        }
    }
}
