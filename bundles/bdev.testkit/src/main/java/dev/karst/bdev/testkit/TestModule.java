package dev.karst.bdev.testkit;

import dev.karst.base.IoVector;
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
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiConsumer;

/** Devices in memory that are late, out of order, short of room or failing, as a test says. */
public final class TestModule implements BdevModule {
    private final SimRandom random;
    /** I/Os in order, as {@code READ 8+4}. */
    public final List<String> seen = new ArrayList<>();
    /** Told each I/O that comes, with the name of its device. */
    public BiConsumer<String, BdevIo> watcher = (_, _) -> { };
    /** What devices do not do that are made from now on. */
    public final Set<IoType> missing = EnumSet.noneOf(IoType.class);
    /** With which status I/Os of a type end. */
    public final Map<IoType, Integer> failing = new HashMap<>();
    private BdevHost host;
    /** Virtual time of an I/O; 0 for at once. */
    public long usualNanos;
    /** Out of how many I/Os one finds no room; 0 for none. */
    public int refuseOneIn;
    /** A planted bug: writes that are said to have been done and were not. */
    public int lostOneIn;
    /** Whether I/Os are held until {@link #release} or {@link #finish}. */
    public boolean holds;
    /** A planted bug: what is compared and written is compared long before it is written. */
    public boolean comparesFirst;
    /** Whether it aborts nothing that it holds. */
    public boolean stubborn;
    /** I/Os that have not ended. */
    public int inFlight;
    /** Those that are held, the oldest first. */
    public final List<BdevIo> held = new ArrayList<>();
    private final Map<BdevIo, Runnable> ends = new LinkedHashMap<>();

    /** A module without devices. */
    public TestModule(SimRandom random) {
        this.random = random;
    }

    @Override
    public String name() {
        return "test";
    }

    @Override
    public void start(BdevHost host) {
        this.host = host;
    }

    @Override
    public void stop() {}

    @Override
    public void restore(CreationRecord record) throws StorageException {
        throw StorageException.errno(5, "not in this test");
    }

    /** Makes a device of blocks of 512 bytes. */
    public void create(String name, long blocks, boolean readOnly, boolean volatileCache) throws StorageException {
        Geometry geometry = Geometry.of(name, new UUID(name.hashCode(), 7), "Test disk", 512, blocks)
            .with(4096, readOnly, volatileCache, true);
        long address = host.environment().memory().allocate("disk", blocks * 512).address();
        host.register(new Device(geometry, address),
            new CreationRecord("test_create", Map.of(), name, geometry.uuid()));
    }

    /** Takes a device away. */
    public void remove(String name) throws StorageException {
        host.unregister(name);
    }

    /** Gives a device another size, within its memory. */
    public void resize(String name, long blocks) throws StorageException {
        host.resized(name, blocks);
    }

    /** Ends what is held, on the reactors it came on. */
    public void release() {
        holds = false;
        for (Runnable end : List.copyOf(ends.values())) {
            end.run();
        }
        ends.clear();
        held.clear();
    }

    /** Ends the oldest that is held. On its reactor. */
    public void finish(int status) {
        inFlight--;
        ends.remove(held.getFirst());
        held.removeFirst().complete(status);
    }

    private final class Device extends ModuleBdev {
        private final long address;

        Device(Geometry geometry, long address) {
            super(geometry);
            this.address = address;
        }

        @Override
        public boolean supports(IoType type) {
            return type != IoType.RESET && !type.isPassthrough() && !missing.contains(type);
        }

        @Override
        public ModuleChannel openChannel(Reactor reactor) {
            return new Channel(geometry().name(), address, reactor);
        }

        @Override
        public void destroy(boolean parked) {}
    }

    private final class Channel extends ModuleChannel {
        private final String device;
        private final long address;
        private final Reactor reactor;

        Channel(String device, long address, Reactor reactor) {
            this.device = device;
            this.address = address;
            this.reactor = reactor;
        }

        @Override
        public int submit(BdevIo io) {
            if (refuseOneIn > 0 && random.oneIn(refuseOneIn)) {
                return Status.NO_RESOURCE;
            }
            watcher.accept(device, io);
            seen.add(io.type + " " + io.offsetBlocks + "+" + io.blocks);
            inFlight++;
            if (comparesFirst && io.type == IoType.COMPARE_AND_WRITE) {
                io.moduleWord = holds(address + io.offsetBlocks * 512, io.compare, io.blocks * 512) ? 1 : 0;
            }
            if (holds) {
                held.add(io);
                ends.put(io, () -> reactor.execute(() -> end(io)));
            } else if (usualNanos == 0) {
                end(io);
            } else {
                reactor.schedule(new Timer() {
                    @Override
                    public void expired() {
                        end(io);
                    }
                }, random.delayNanos(usualNanos));
            }
            return Status.OK;
        }

        private void end(BdevIo io) {
            inFlight--;
            Integer failure = failing.get(io.type);
            boolean lost = lostOneIn > 0 && io.type == IoType.WRITE && random.oneIn(lostOneIn);
            int status = failure != null ? failure : lost ? Status.OK : move(io);
            io.complete(status);
        }

        private int move(BdevIo io) {
            long at = address + io.offsetBlocks * 512;
            long bytes = io.blocks * 512;
            switch (io.type) {
                case READ -> io.data.copyFrom(0, at, bytes);
                case WRITE -> io.data.copyTo(0, at, bytes);
                case UNMAP, WRITE_ZEROES -> Mem.fill(at, bytes, (byte) 0);
                case COPY -> Mem.copy(address + io.sourceBlock * 512, at, bytes);
                case COMPARE -> {
                    return holds(at, io.data, bytes) ? Status.OK : Status.MISCOMPARE;
                }
                case COMPARE_AND_WRITE -> {
                    if (comparesFirst ? io.moduleWord == 0 : !holds(at, io.compare, bytes)) {
                        return Status.MISCOMPARE;
                    }
                    io.data.copyTo(0, at, bytes);
                }
                default -> { }
            }
            return Status.OK;
        }

        private boolean holds(long at, IoVector data, long bytes) {
            byte[] found = new byte[(int) bytes];
            byte[] wanted = new byte[(int) bytes];
            Mem.get(at, found, 0, found.length);
            for (int i = 0, done = 0; i < data.count(); done += data.length(i++)) {
                Mem.get(data.address(i), wanted, done, data.length(i));
            }
            return Arrays.equals(found, wanted);
        }

        @Override
        public void abort(BdevIo io) {
            if (!stubborn && held.remove(io)) {
                ends.remove(io);
                inFlight--;
                io.complete(Status.ABORTED);
            }
        }

        @Override
        public void close() {}
    }
}
