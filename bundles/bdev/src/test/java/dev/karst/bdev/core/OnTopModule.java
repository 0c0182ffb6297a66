package dev.karst.bdev.core;

import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.BdevChannel;
import dev.karst.bdev.BdevDescriptor;
import dev.karst.bdev.BdevEvents;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.IoType;
import dev.karst.bdev.module.BdevHost;
import dev.karst.bdev.module.BdevModule;
import dev.karst.bdev.module.CreationRecord;
import dev.karst.bdev.module.Geometry;
import dev.karst.bdev.module.ModuleBdev;
import dev.karst.bdev.module.ModuleChannel;
import dev.karst.reactor.Reactor;
import java.util.Map;
import java.util.UUID;

/** A stacked module that hands everything on to the device {@code disk}, or has it done there at once. */
final class OnTopModule implements BdevModule {
    static final String NAME = "top";
    /** Where on the disk its first block lies. */
    static final long SHIFT = 8;
    private BdevHost host;
    /** I/Os that were done at once. */
    int doneNow;
    /** Most blocks that it takes at a time; 0 for any number. */
    int mostBlocks;
    /** Out of how many I/Os it has no room for one; 0 for none. */
    int refuseOneIn;
    private int seen;
    /** Whether it makes a device that does not fit the one that is parked. */
    boolean tooSmall;

    @Override
    public String name() {
        return "on top";
    }

    @Override
    public void start(BdevHost host) {
        this.host = host;
    }

    @Override
    public void stop() {}

    @Override
    public void restore(CreationRecord record) throws StorageException {
        create();
    }

    void create() throws StorageException {
        Top[] top = new Top[1];
        Reactor first = host.reactors().all().getFirst();
        BdevDescriptor base = host.registry().open("disk", true, first, (BdevEvents) () ->
            host.environment().threads().background().execute(() -> top[0].gone()));
        host.registry().claim(base, NAME);
        var geometry = Geometry.of(NAME, new UUID(9, 9), "On top", base.bdev().blockSize(),
            base.bdev().blocks() - SHIFT - (tooSmall ? 1 : 0));
        top[0] = new Top(geometry.with(geometry.blockSize(), false, false, true).limited(mostBlocks, 0, 0, 1), base, host);
        try {
            host.register(top[0], new CreationRecord("top_create", Map.of(), NAME, geometry.uuid()));
        } catch (StorageException e) {
            base.close();
            throw e;
        }
    }

    /** Its device goes. */
    void gone() throws StorageException {
        host.unregister(NAME);
    }

    /** The device. */
    private final class Top extends ModuleBdev {
        private final BdevDescriptor base;
        private final BdevHost host;

        Top(Geometry geometry, BdevDescriptor base, BdevHost host) {
            super(geometry);
            this.base = base;
            this.host = host;
        }

        void gone() {
            try {
                host.unregister(NAME);
            } catch (StorageException e) {
                // Somebody else was faster.
            }
        }

        @Override
        public int compareAndWriteBlocks() {
            return base.bdev().compareAndWriteBlocks();
        }

        @Override
        public boolean supports(IoType type) {
            return type == IoType.RESET || base.bdev().supports(type);
        }

        @Override
        public ModuleChannel openChannel(Reactor reactor) throws StorageException {
            return new TopChannel(base.openChannel(reactor));
        }

        @Override
        public void destroy(boolean parked) {
            base.close();
        }
    }

    /** A channel. */
    private final class TopChannel extends ModuleChannel {
        private final BdevChannel base;

        TopChannel(BdevChannel base) {
            this.base = base;
        }

        @Override
        public int submit(BdevIo io) {
            if (refuseOneIn > 0 && seen++ % refuseOneIn == 0) {
                return Status.NO_RESOURCE;
            }
            if ((io.type == IoType.READ || io.type == IoType.WRITE) && base.doNow(io, io.offsetBlocks + SHIFT)) {
                doneNow++;
                return Status.OK;
            }
            var child = new Child(io);
            int status = base.submit(child);
            io.moduleState = status == Status.OK ? child : null;
            return status;
        }

        @Override
        public void abort(BdevIo io) {
            var abort = new Child(null);
            abort.type = IoType.ABORT;
            abort.victim = (BdevIo) io.moduleState;
            base.submit(abort);
        }

        @Override
        public void close() {
            base.close();
        }
    }

    /** What is handed on. */
    private static final class Child extends BdevIo {
        private final BdevIo whole;

        Child(BdevIo whole) {
            super(MAX_SEGMENTS);
            this.whole = whole;
            if (whole != null) {
                type = whole.type;
                offsetBlocks = whole.offsetBlocks + SHIFT;
                blocks = whole.blocks;
                compare = whole.compare;
                sourceBlock = whole.sourceBlock + SHIFT;
                data.slice(whole.data, 0, type.hasData() ? whole.data.bytes() : 0);
            }
        }

        @Override
        protected void ended(int status) {
            if (whole != null) {
                whole.moduleState = null;
                whole.complete(status);
            }
        }
    }
}
