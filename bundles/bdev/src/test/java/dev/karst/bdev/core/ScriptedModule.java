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
        READS_ELSEWHERE,
        THROWS,
        /** Ends once more what has ended, before anybody uses it anew. */
        ENDS_AGAIN,
        /** Others may write between its comparing and its writing. */
        COMPARES_UNLOCKED,
        /** It has compared and written, it says, and writes the last block later. */
        COMPARES_AND_WRITES_LATE,
        /** It looks at the first block alone. */
        COMPARES_LESS;

        /** Whether it shows with COMPARE_AND_WRITE only. */
        boolean isOfCompareAndWrite() {
            return compareTo(COMPARES_UNLOCKED) >= 0;
        }
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
        /** Whether it says that it ends reads and writes at once. */
        boolean immediate;
        int compareAndWriteBlocks = 1;
        Set<IoType> supported = EnumSet.of(
        IoType.READ, IoType.WRITE, IoType.FLUSH, IoType.UNMAP, IoType.WRITE_ZEROES, IoType.RESET, IoType.ABORT);
        Reactor otherReactor;
        /** The devices that were made, by name. */
        final Map<String, Geometry> made = new HashMap<>();
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
    /** What happens in the place of a restore; null for nothing but that. */
    Runnable whenRestored;

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
        if (whenRestored != null) {
            whenRestored.run();
            return;
        }
        Geometry geometry = restoreAs.getOrDefault(record.name(), script.made.get(record.name()));
        host.register(new Device(geometry), record);
    }

    /** Does that first when a device is brought back. */
    void beforeRestore(Runnable first, CreationRecord record) {
        whenRestored = () -> {
            first.run();
            whenRestored = null;
            try {
                restore(record);
            } catch (StorageException e) {
                throw new IllegalStateException(e);
            }
        };
    }

    /** Makes and registers a device. */
    Device create(Geometry geometry) throws StorageException {
        script.made.put(geometry.name(), geometry);
        if (!stores.containsKey(geometry.name())) {
            long bytes = geometry.blocks() * (geometry.blockSize() + geometry.metadata().bytes());
            long store = host.environment().memory().allocate("store", bytes).address();
            stores.put(geometry.name(), store);
            unmapMetadata(geometry, store, 0, geometry.blocks());
        }
        var device = new Device(geometry);
        host.register(device, record(geometry));
        return device;
    }

    /** Metadata of blocks that nobody wrote: protection information is not checked. */
    private static void unmapMetadata(Geometry geometry, long store, long first, long blocks) {
        int bytes = geometry.metadata().bytes();
        for (long block = first; block < first + blocks && geometry.metadata().protection() > 0; block++) {
            Mem.fill(metadata(geometry, store, block), bytes, (byte) -1);
        }
    }

    /** Where the store holds a block's metadata: behind its data, or behind the data of all. */
    static long metadata(Geometry geometry, long store, long block) {
        int bytes = geometry.metadata().bytes();
        return geometry.metadata().interleaved() ? store + (block + 1) * geometry.blockSize() - bytes
            : store + geometry.blocks() * geometry.blockSize() + block * bytes;
    }

    static CreationRecord record(Geometry geometry) {
        return new CreationRecord("scripted_create", Map.of("name", geometry.name()), geometry.name(), geometry.uuid());
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
        public boolean isImmediate() {
            return script.immediate;
        }

        @Override
        public int compareAndWriteBlocks() {
            return script.compareAndWriteBlocks;
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
            /** What a planted bug found too early. */
            int found;

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
            if (script.bug == Bug.THROWS && buggy()) {
                throw new IllegalStateException("planted");
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
            if (io.type == IoType.COMPARE_AND_WRITE) {
                late.found = compare(io, script.bug == Bug.COMPARES_LESS ? 1 : io.blocks);
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
            most = io.type == IoType.COPY ? geometry.limits().maxCopyBlocks() : most;
            boolean limited = most > 0 && io.type.hasRange() && io.type != IoType.FLUSH && io.type != IoType.VERIFY;
            assert !limited || io.blocks <= most : io.blocks + " blocks";
            if (io.type.hasData()) {
                assert io.blocks > 0 && io.data.bytes() == io.blocks * geometry.blockSize();
                assert geometry.limits().maxSegments() == 0 || io.data.count() <= geometry.limits().maxSegments() : io.data.count();
            }
            holdAgainstCuts(io);
            assert !io.type.hasRange() || geometry.checkRange(io.offsetBlocks, io.blocks) == Status.OK;
        }

        private void holdAgainstCuts(BdevIo io) {
            var limits = geometry.limits();
            if (io.type != IoType.READ && io.type != IoType.WRITE) {
                return;
            }
            long boundary = limits.boundaryBlocks();
            assert boundary == 0 || io.offsetBlocks / boundary == (io.offsetBlocks + io.blocks - 1) / boundary : "crosses";
            int unit = io.type == IoType.WRITE ? limits.writeUnitBlocks() : 1;
            assert io.offsetBlocks % unit == 0 && io.blocks % unit == 0 : "no whole units";
            for (int i = 0; i < io.data.count(); i++) {
                assert ((io.data.address(i) | io.data.length(i)) & limits.memoryAlignment() - 1) == 0 : "not aligned";
            }
        }

        private boolean buggy() {
            return script.random.oneIn(script.bugOneIn);
        }

        private void finish(BdevIo io) {
            Late late = inside.remove(io);
            boolean bug = buggy();
            int status = move(io, late, bug);
            if (script.bug == Bug.WRONG_REACTOR && bug && script.otherReactor != reactor) {
                script.otherReactor.execute(() -> io.complete(Status.OK));
                return;
            }
            io.complete(status);
            boolean again = script.bug == Bug.ENDS_AGAIN && !io.isInFlight();
            if (bug && (script.bug == Bug.COMPLETES_TWICE || again)) {
                io.complete(Status.OK);
            }
        }

        private int compare(BdevIo io, long blocks) {
            long at = store + io.offsetBlocks * geometry.blockSize();
            var with = io.type == IoType.COMPARE ? io.data : io.compare;
            return with.matches(0, at, blocks * geometry.blockSize()) ? Status.OK : Status.MISCOMPARE;
        }

        private int compareAndWrite(BdevIo io, Late late) {
            boolean early = script.bug == Bug.COMPARES_UNLOCKED || script.bug == Bug.COMPARES_LESS;
            int status = early ? late.found : compare(io, io.blocks);
            long at = store + io.offsetBlocks * geometry.blockSize();
            if (status != Status.OK) {
                return status;
            }
            if (script.bug == Bug.COMPARES_AND_WRITES_LATE) {
                long last = (io.blocks - 1) * geometry.blockSize();
                long value = Mem.getLong(io.data.address(0));
                io.data.copyTo(0, at, last);
                reactor.schedule(new Timer() {
                    @Override
                    public void expired() {
                        for (int word = 0; word < geometry.blockSize(); word += 8) {
                            Mem.setLong(at + last + word, value);
                        }
                    }
                }, script.usualNanos / 2);
            } else {
                io.data.copyTo(0, at, io.blocks * geometry.blockSize());
            }
            return Status.OK;
        }

        private void moveMetadata(BdevIo io) {
            int bytes = geometry.metadata().bytes();
            if (bytes == 0 || geometry.metadata().interleaved() || io.metadata == 0) {
                return;
            }
            long at = metadata(geometry, store, io.offsetBlocks);
            boolean reads = io.type == IoType.READ;
            Mem.copy(reads ? at : io.metadata, reads ? io.metadata : at, io.blocks * bytes);
        }

        /** A command of another protocol: fills its data with its first byte and gives back its dwords 10 and 11. */
        private void passThrough(BdevIo io) {
            io.result = Mem.getLong(io.sqe + 40);
            for (int i = 0; i < io.data.count(); i++) {
                Mem.fill(io.data.address(i), io.data.length(i), Mem.getByte(io.sqe));
            }
        }

        private int move(BdevIo io, Late late, boolean bug) {
            long at = store + io.offsetBlocks * geometry.blockSize();
            long bytes = io.blocks * geometry.blockSize();
            if (store == 0) {
                return Status.OK;
            }
            switch (io.type) {
                case COMPARE -> {
                    return compare(io, io.blocks);
                }
                case COMPARE_AND_WRITE -> {
                    return compareAndWrite(io, late);
                }
                case COPY -> Mem.copy(store + io.sourceBlock * geometry.blockSize(), at, bytes);
                case READ -> {
                    io.data.copyFrom(0, bug && script.bug == Bug.READS_ELSEWHERE ? store : at, bytes);
                    moveMetadata(io);
                }
                case WRITE -> {
                    if (!bug || script.bug != Bug.LOSES_A_WRITE) {
                        io.data.copyTo(0, at, bytes);
                        moveMetadata(io);
                    }
                }
                case UNMAP, WRITE_ZEROES -> {
                    Mem.fill(at, bytes, (byte) 0);
                    unmapMetadata(geometry, store, io.offsetBlocks, io.blocks);
                }
                case NVME_IO, NVME_ADMIN -> passThrough(io);
                default -> { }
            }
            return Status.OK;
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
