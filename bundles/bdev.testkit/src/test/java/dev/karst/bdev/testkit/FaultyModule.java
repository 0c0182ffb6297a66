package dev.karst.bdev.testkit;

import dev.karst.base.Mem;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.IoType;
import dev.karst.bdev.module.Creation;
import dev.karst.bdev.module.Geometry;
import dev.karst.bdev.module.ModuleBdev;
import dev.karst.bdev.module.ModuleChannel;
import dev.karst.bdev.module.RegisteringModule;
import dev.karst.env.Memory;
import dev.karst.env.Region;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Timer;
import dev.karst.rpc.RpcMethod;
import java.util.List;

/** A module in memory with one planted bug, to see whether the contract finds it. */
final class FaultyModule extends RegisteringModule {
    /** What it does wrong. */
    enum Fault {
        NONE,
        LOSES_A_WRITE,
        WRITES_THE_NEXT_BLOCK,
        WRITES_BESIDE_THE_BUFFER,
        COMPLETES_TWICE,
        REFUSES_AND_COMPLETES,
        SWALLOWS_AN_IO,
        UNMAP_KEEPS_DATA,
        ZEROES_ONE_BLOCK_LESS,
        FORGETS_WHEN_PARKED,
        LEAKS_MEMORY,
        COMPLETES_BEFORE_IT_COPIES,
        ALLOCATES_NOW_AND_THEN
    }

    private final Fault fault;
    private final List<RpcMethod> methods = List.of(
        creates("faulty_create", "faulty-create", "Creates a faulty device", this::make, NEW_NAME, NEW_UUID),
        deletes("faulty_delete", "faulty-delete", "Deletes it"));

    FaultyModule(Fault fault) {
        super("faulty", null);
        this.fault = fault;
    }

    @Override
    public List<RpcMethod> methods() {
        return methods;
    }

    private ModuleBdev make(Creation creation) throws StorageException {
        Memory memory = creation.host().environment().memory();
        long bytes = 512L * (BdevModuleContract.BLOCKS + 1);
        Region region = memory.named("faulty/" + creation.uuid(), bytes);
        Geometry geometry = Geometry.of(creation.name(), creation.uuid(), "Faulty", 512, BdevModuleContract.BLOCKS)
            .with(512, false, true, true);
        return new FaultyBdev(geometry, fault, memory, region);
    }

    private static final class FaultyBdev extends ModuleBdev {
        private final Fault fault;
        private final Memory memory;
        private final Region region;

        FaultyBdev(Geometry geometry, Fault fault, Memory memory, Region region) {
            super(geometry);
            this.fault = fault;
            this.memory = memory;
            this.region = region;
        }

        @Override
        public boolean supports(IoType type) {
            return switch (type) {
                case READ, WRITE, FLUSH, UNMAP, WRITE_ZEROES -> true;
                default -> false;
            };
        }

        @Override
        public ModuleChannel openChannel(Reactor reactor) {
            return new FaultyChannel(reactor, region, fault);
        }

        @Override
        public void destroy(boolean parked) {
            if (parked ? fault == Fault.FORGETS_WHEN_PARKED : fault != Fault.LEAKS_MEMORY) {
                memory.free(region);
            }
        }
    }

    private static final class FaultyChannel extends ModuleChannel {
        private static final int SELDOM = 37;
        private final Reactor reactor;
        private final Region region;
        private final Fault fault;
        private int count;
        /** What it allocates is kept, so that the compiler cannot leave it out. */
        private Object allocated;

        FaultyChannel(Reactor reactor, Region region, Fault fault) {
            this.reactor = reactor;
            this.region = region;
            this.fault = fault;
        }

        @Override
        public int submit(BdevIo io) {
            boolean now = ++count % SELDOM == 0;
            if (now && fault == Fault.SWALLOWS_AN_IO) {
                return Status.OK;
            }
            if (now && fault == Fault.COMPLETES_BEFORE_IT_COPIES && io.type == IoType.READ) {
                copyLater(io);
                return Status.OK;
            }
            if (now && fault == Fault.ALLOCATES_NOW_AND_THEN) {
                allocated = new long[16];
            }
            perform(io, now);
            io.complete(Status.OK);
            if (now && fault == Fault.COMPLETES_TWICE) {
                io.complete(Status.OK);
            }
            return now && fault == Fault.REFUSES_AND_COMPLETES ? Status.FAILED : Status.OK;
        }

        private void copyLater(BdevIo io) {
            long at = region.address() + io.offsetBlocks * 512;
            long address = io.data.address(0);
            int length = io.data.length(0);
            reactor.schedule(new Timer() {
                @Override
                public void expired() {
                    Mem.copy(at, address, length);
                }
            }, 1_000_000);
            io.complete(Status.OK);
        }

        private void perform(BdevIo io, boolean now) {
            long at = region.address() + io.offsetBlocks * 512;
            long bytes = io.blocks * 512;
            switch (io.type) {
                case READ -> read(io, at, bytes, now);
                case WRITE -> write(io, at, bytes, now);
                case UNMAP -> zero(at, fault == Fault.UNMAP_KEEPS_DATA ? 0 : bytes);
                case WRITE_ZEROES -> zero(at, fault == Fault.ZEROES_ONE_BLOCK_LESS ? bytes - 512 : bytes);
                default -> { }
            }
        }

        private void read(BdevIo io, long at, long bytes, boolean now) {
            io.data.copyFrom(0, at, bytes);
            if (now && fault == Fault.WRITES_BESIDE_THE_BUFFER) {
                int last = io.data.count() - 1;
                Mem.setByte(io.data.address(last) + io.data.length(last), (byte) 0);
            }
        }

        private void write(BdevIo io, long at, long bytes, boolean now) {
            if (now && fault == Fault.LOSES_A_WRITE) {
                return;
            }
            io.data.copyTo(0, now && fault == Fault.WRITES_THE_NEXT_BLOCK ? at + 512 : at, bytes);
        }

        private static void zero(long at, long bytes) {
            Mem.fill(at, bytes, (byte) 0);
        }

        @Override
        public void close() {
            allocated = null;
        }
    }
}
