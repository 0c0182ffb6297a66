package dev.karst.itests.stack;

import dev.karst.base.Mem;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.IoType;
import dev.karst.bdev.module.BdevHost;
import dev.karst.bdev.module.BdevModule;
import dev.karst.bdev.module.CreationRecord;
import dev.karst.bdev.module.Geometry;
import dev.karst.bdev.module.ModuleBdev;
import dev.karst.bdev.module.ModuleChannel;
import dev.karst.env.sim.SimRandom;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Timer;
import java.util.Map;
import java.util.UUID;

/** A device in memory that is late, out of order, short of room or failing as a test says, and may have a bug. */
final class LateMemory implements BdevModule {
    private static final int EIO = 5;
    private static final long LATE_NANOS = 3_000_000_000L;
    private static final int IOS_BETWEEN = 41;

    private final SimRandom random;
    private final Bug bug;
    private BdevHost host;
    /** Virtual time of an I/O; 0 for at once. */
    long usualNanos;
    /** An I/O is refused for want of room. */
    int refuseOneIn;
    /** An I/O fails. */
    int failOneIn;
    /** An I/O takes seconds. */
    int lateOneIn;
    long begun;
    long ended;

    LateMemory(SimRandom random, Bug bug) {
        this.random = random;
        this.bug = bug;
    }

    @Override
    public String name() {
        return "late";
    }

    @Override
    public void start(BdevHost host) {
        this.host = host;
    }

    @Override
    public void stop() {}

    @Override
    public void restore(CreationRecord record) throws StorageException {
        throw StorageException.errno(EIO, "not in this test");
    }

    /** Makes a device of blocks of 512 bytes. */
    void create(String name, long blocks) throws StorageException {
        Geometry geometry = Geometry.of(name, new UUID(1, 7), "Late disk", 512, blocks).with(4096, false, true, true);
        long address = host.environment().memory().allocate("disk", blocks * 512).address();
        host.register(new Device(geometry, address), new CreationRecord("late_create", Map.of(), name, geometry.uuid()));
    }

    /** Fails no more. */
    void behave() {
        usualNanos = 0;
        refuseOneIn = 0;
        failOneIn = 0;
        lateOneIn = 0;
    }

    private final class Device extends ModuleBdev {
        private final long address;

        Device(Geometry geometry, long address) {
            super(geometry);
            this.address = address;
        }

        @Override
        public boolean supports(IoType type) {
            return switch (type) {
                case READ, WRITE, FLUSH, UNMAP, WRITE_ZEROES, ABORT -> true;
                default -> false;
            };
        }

        @Override
        public ModuleChannel openChannel(Reactor reactor) {
            return new Channel(address, reactor);
        }

        @Override
        public void destroy(boolean parked) {}
    }

    private final class Channel extends ModuleChannel {
        private final long address;
        private final Reactor reactor;

        Channel(long address, Reactor reactor) {
            this.address = address;
            this.reactor = reactor;
        }

        @Override
        public int submit(BdevIo io) {
            if (random.oneIn(refuseOneIn)) {
                return Status.NO_RESOURCE;
            }
            begun++;
            long nanos = random.oneIn(lateOneIn) ? LATE_NANOS : usualNanos == 0 ? 0 : random.delayNanos(usualNanos);
            if (nanos == 0) {
                end(io);
                return Status.OK;
            }
            reactor.schedule(new Timer() {
                @Override
                public void expired() {
                    end(io);
                }
            }, nanos);
            return Status.OK;
        }

        private void end(BdevIo io) {
            ended++;
            boolean planted = begun % IOS_BETWEEN == 0;
            if (planted && bug == Bug.DEVICE_NEVER_ENDS) {
                return;
            }
            if (planted && bug == Bug.DEVICE_LEAKS_MEMORY) {
                leak();
            }
            boolean fails = random.oneIn(failOneIn);
            if (!fails && !(planted && bug == Bug.DEVICE_LOSES_WRITE && io.type == IoType.WRITE)) {
                move(io);
            }
            io.complete(fails ? Status.errno(EIO) : Status.OK);
            if (planted && bug == Bug.DEVICE_ENDS_TWICE) {
                io.complete(Status.OK);
            }
        }

        private void leak() {
            try {
                host.environment().memory().allocate("leak", 4096);
            } catch (StorageException e) {
                throw new AssertionError(e);
            }
        }

        private void move(BdevIo io) {
            long at = address + io.offsetBlocks * 512;
            long bytes = io.blocks * 512;
            switch (io.type) {
                case READ -> io.data.copyFrom(0, at, bytes);
                case WRITE -> io.data.copyTo(0, at, bytes);
                case UNMAP, WRITE_ZEROES -> Mem.fill(at, bytes, (byte) 0);
                default -> { }
            }
        }

        @Override
        public void abort(BdevIo io) {}

        @Override
        public void close() {}
    }
}
