package dev.karst.bdev.core;

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
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A module in memory that does what a script says: late, out of order, inline, refusing now and then, and with one of
 * the planted bugs. Its data outlives it, as a disk's would.
 */
final class ScriptedModule implements BdevModule {
    /** What modules may get wrong; the tests must notice each. */
    enum Bug {
        NONE,
        COMPLETES_TWICE,
        FORGETS,
        WRONG_REACTOR,
        REFUSES_AND_COMPLETES,
        LOSES_A_WRITE,
        READS_ELSEWHERE
    }

    /** How it behaves. */
    static final class Script {
        SimRandom random;
        Bug bug = Bug.NONE;
        int bugOneIn = 20;
        /** Nanoseconds that an I/O usually takes. */
        long usualNanos = 20_000;
        int inlineOneIn = 4;
        int refuseOneIn;
        int abortOneIn = 2;
        int depth = 1000;
        /** Whether it holds on to all I/O until told otherwise. */
        boolean holds;
        boolean abandons;
        boolean failsToOpen;
        Set<IoType> supported = EnumSet.of(
        IoType.READ, IoType.WRITE, IoType.FLUSH, IoType.UNMAP, IoType.WRITE_ZEROES, IoType.RESET, IoType.ABORT);
        Reactor otherReactor;
        /** The order in which I/O came in, when kept. */
        List<Long> seen;

        Script(SimRandom random) {
            this.random = random;
        }
    }

    private final String name;
    final Script script;
    /** Addresses of the devices' memory, by name; shared by the versions of a module. */
    private final Map<String, Long> stores;
    final List<ScriptedChannel> channels = new ArrayList<>();
    final List<String> destroyed = new ArrayList<>();
    final Map<String, Geometry> restoreAs = new HashMap<>();
    final Map<String, Map<String, Object>> describes = new HashMap<>();
    BdevHost host;
    int stops;

    ScriptedModule(String name, Script script, Map<String, Long> stores) {
        this.name = name;
        this.script = script;
        this.stores = stores;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void start(BdevHost host) {
        this.host = host;
    }

    @Override
    public void stop() {
        stops++;
    }

    @Override
    public void restore(CreationRecord record) throws StorageException {
        Geometry geometry = restoreAs.getOrDefault(record.name(), (Geometry) record.parameters().get("geometry"));
        host.register(new Device(geometry), record);
    }

    /** Makes and registers a device. */
    Device create(Geometry geometry) throws StorageException {
        if (!stores.containsKey(geometry.name())) {
            long bytes = geometry.blocks() * geometry.blockSize();
            stores.put(geometry.name(), host.environment().memory().allocate("store", bytes).address());
        }
        var device = new Device(geometry);
        host.register(device, record(geometry));
        return device;
    }

    static CreationRecord record(Geometry geometry) {
        return new CreationRecord("scripted_create", Map.of("geometry", geometry), geometry.name(), geometry.uuid());
    }

    /** One of its devices. */
    final class Device extends ModuleBdev {
        Device(Geometry geometry) {
            super(geometry);
        }

        @Override
        public boolean supports(IoType type) {
            return script.supported.contains(type);
        }

        @Override
        public ModuleChannel openChannel(Reactor reactor) throws StorageException {
            if (script.failsToOpen) {
                throw StorageException.errno(12, "no memory, says the script");
            }
            var channel = new ScriptedChannel(geometry(), stores.getOrDefault(geometry().name(), 0L), reactor);
            channels.add(channel);
            return channel;
        }

        @Override
        public Map<String, Object> describe() {
            return describes.getOrDefault(geometry().name(), Map.of());
        }

        @Override
        public void destroy(boolean parked) {
            destroyed.add(geometry().name() + (parked ? " parked" : ""));
        }
    }

    /** One of its channels. */
    final class ScriptedChannel extends ModuleChannel {
        private final class Late extends Timer {
            BdevIo io;

            @Override
            public void expired() {
                finish(io);
            }
        }

        private final Geometry geometry;
        private final long store;
        private final Reactor reactor;
        private final Map<BdevIo, Late> inside = new HashMap<>();
        boolean closed;

        ScriptedChannel(Geometry geometry, long store, Reactor reactor) {
            this.geometry = geometry;
            this.store = store;
            this.reactor = reactor;
        }

        @Override
        public int submit(BdevIo io) {
            holdAgainstLimits(io);
            if (script.random.oneIn(script.refuseOneIn) || inside.size() >= script.depth) {
                if (script.bug == Bug.REFUSES_AND_COMPLETES && buggy()) {
                    reactor.execute(() -> io.complete(Status.OK));
                }
                return Status.NO_RESOURCE;
            }
            if (script.seen != null) {
                script.seen.add(io.offsetBlocks);
            }
            Late late = new Late();
            late.io = io;
            inside.put(io, late);
            if (script.bug == Bug.FORGETS && buggy() || script.holds) {
                return Status.OK;
            }
            if (script.random.oneIn(script.inlineOneIn)) {
                finish(io);
            } else {
                reactor.schedule(late, script.random.delayNanos(script.usualNanos));
            }
            return Status.OK;
        }

        private void holdAgainstLimits(BdevIo io) {
            assert !closed : "submitted to a closed channel";
            assert script.supported.contains(io.type) || io.type == IoType.READ : "not mine: " + io.type;
            long most = io.type.hasData() ? geometry.limits().maxTransferBlocks() : geometry.limits().maxUnmapBlocks();
            boolean limited = most > 0 && io.type.hasRange() && io.type != IoType.FLUSH;
            assert !limited || io.blocks <= most : io.blocks + " blocks";
            if (io.type.hasData()) {
                assert io.blocks > 0 && io.data.bytes() == io.blocks * geometry.blockSize();
                assert geometry.limits().maxSegments() == 0 || io.data.count() <= geometry.limits().maxSegments() : io.data.count();
            }
            assert !io.type.hasRange() || geometry.checkRange(io.offsetBlocks, io.blocks) == Status.OK;
        }

        private boolean buggy() {
            return script.random.oneIn(script.bugOneIn);
        }

        private void finish(BdevIo io) {
            inside.remove(io);
            boolean bug = buggy();
            move(io, bug);
            if (script.bug == Bug.WRONG_REACTOR && bug && script.otherReactor != reactor) {
                script.otherReactor.execute(() -> io.complete(Status.OK));
                return;
            }
            io.complete(Status.OK);
            if (script.bug == Bug.COMPLETES_TWICE && bug) {
                io.complete(Status.OK);
            }
        }

        private void move(BdevIo io, boolean bug) {
            long at = store + io.offsetBlocks * geometry.blockSize();
            long bytes = io.blocks * geometry.blockSize();
            if (store == 0) {
                return;
            }
            switch (io.type) {
                case READ -> io.data.copyFrom(0, bug && script.bug == Bug.READS_ELSEWHERE ? store : at, bytes);
                case WRITE -> {
                    if (!bug || script.bug != Bug.LOSES_A_WRITE) {
                        io.data.copyTo(0, at, bytes);
                    }
                }
                case UNMAP, WRITE_ZEROES -> Mem.fill(at, bytes, (byte) 0);
                default -> { }
            }
        }

        @Override
        public void abort(BdevIo io) {
            Late late = inside.get(io);
            assert late != null : "asked to abort what is not here";
            if (script.random.oneIn(script.abortOneIn)) {
                inside.remove(io);
                reactor.cancel(late);
                io.complete(Status.ABORTED);
            }
        }

        @Override
        public boolean abandon(BdevIo io) {
            Late late = inside.get(io);
            assert late != null : "asked to abandon what is not here";
            if (script.abandons) {
                inside.remove(io);
                reactor.cancel(late);
            }
            return script.abandons;
        }

        /** Ends all that it held on to. */
        void release() {
            List.copyOf(inside.keySet()).forEach(this::finish);
        }

        Reactor reactor() {
            return reactor;
        }

        /** Ends all that it held on to with that status. */
        void fail(int status) {
            for (BdevIo io : List.copyOf(inside.keySet())) {
                inside.remove(io);
                io.complete(status);
            }
        }

        int inside() {
            return inside.size();
        }

        @Override
        public void close() {
            assert inside.isEmpty() : "closed with " + inside.size() + " inside";
            assert !closed : "closed twice";
            closed = true;
        }
    }
}
