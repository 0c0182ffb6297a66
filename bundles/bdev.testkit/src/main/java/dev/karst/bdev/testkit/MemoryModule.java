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
import dev.karst.rpc.RpcMethod;
import java.util.List;

/** A module without faults, whose devices of 512 blocks of 512 bytes lie in memory and end all I/O at once. */
public final class MemoryModule extends RegisteringModule {
    private static final int BLOCK = 512;
    private static final int BLOCKS = 512;

    private final String kind;
    private final List<RpcMethod> methods;

    /** A module of that name, with methods {@code kind_create} and {@code kind_delete}. */
    public MemoryModule(String kind) {
        super(kind, null);
        this.kind = kind;
        methods = List.of(
            creates(kind + "_create", kind + "-create", "Creates a device in memory", this::make, NEW_NAME, NEW_UUID),
            deletes(kind + "_delete", kind + "-delete", "Deletes a device in memory"));
    }

    @Override
    public List<RpcMethod> methods() {
        return methods;
    }

    private ModuleBdev make(Creation creation) throws StorageException {
        Memory memory = creation.host().environment().memory();
        Region region = memory.named(kind + "/" + creation.uuid(), BLOCK * BLOCKS);
        Geometry geometry = Geometry.of(creation.name(), creation.uuid(), "Memory", BLOCK, BLOCKS)
            .with(BLOCK, false, false, true);
        return new Device(geometry, memory, region);
    }

    private static final class Device extends ModuleBdev {
        private final Memory memory;
        private final Region region;

        Device(Geometry geometry, Memory memory, Region region) {
            super(geometry);
            this.memory = memory;
            this.region = region;
        }

        @Override
        public boolean supports(IoType type) {
            return switch (type) {
                case READ, WRITE, FLUSH, UNMAP, WRITE_ZEROES, RESET -> true;
                default -> false;
            };
        }

        @Override
        public ModuleChannel openChannel(Reactor reactor) {
            return new Channel(region.address());
        }

        @Override
        public void destroy(boolean parked) {
            if (!parked) {
                memory.free(region);
            }
        }
    }

    private static final class Channel extends ModuleChannel {
        private final long base;

        Channel(long base) {
            this.base = base;
        }

        @Override
        public int submit(BdevIo io) {
            long at = base + io.offsetBlocks * BLOCK;
            long bytes = io.blocks * BLOCK;
            switch (io.type) {
                case READ -> io.data.copyFrom(0, at, bytes);
                case WRITE -> io.data.copyTo(0, at, bytes);
                case UNMAP, WRITE_ZEROES -> Mem.fill(at, bytes, (byte) 0);
                default -> { }
            }
            io.complete(Status.OK);
            return Status.OK;
        }

        @Override
        public void close() {}
    }
}
