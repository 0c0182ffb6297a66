package dev.karst.bdev.core;

import dev.karst.base.StorageException;
import dev.karst.bdev.BdevDescriptor;
import dev.karst.bdev.BdevEvents;
import dev.karst.bdev.IoType;
import dev.karst.bdev.module.Geometry;
import dev.karst.env.sim.SimRandom;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.sim.SimWorld;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** A block layer in a simulated world, with a scripted module, a device and load on it. */
final class Bench {
    static final UUID DISK_UUID = new UUID(7, 7);
    static final long BLOCKS = 240;

    /** Keeps what it is told. */
    static final class Told implements BdevEvents {
        final List<String> events = new ArrayList<>();

        @Override
        public void removed() {
            events.add("removed");
        }

        @Override
        public void resized(long blocks) {
            events.add("resized " + blocks);
        }

        @Override
        public void paused() {
            events.add("paused");
        }

        @Override
        public void resumed() {
            events.add("resumed");
        }
    }

    final SimWorld world;
    final SimRandom random;
    final BlockLayer layer;
    final ScriptedModule.Script script;
    final Map<String, Long> stores = new HashMap<>();
    final Told told = new Told();
    final List<Load> loads = new ArrayList<>();
    ScriptedModule module;
    BdevDescriptor descriptor;
    /** Whether the device is opened without its metadata. */
    boolean hides;

    Bench(SimWorld world) {
        this.world = world;
        this.random = world.random();
        this.layer = new BlockLayer(world.environment(), world.reactors());
        this.script = new ScriptedModule.Script(random.split());
        script.otherReactor = world.reactor(world.reactors().all().size() - 1);
        this.module = newModule();
        layer.addModule(module);
    }

    /** Another version of the module; its devices' data is where it was. */
    ScriptedModule newModule() {
        return new ScriptedModule("scripted", script, stores);
    }

    /** A disk whose limits and abilities chance decides. */
    Geometry randomDisk() {
        int blockSize = random.oneIn(2) ? 512 : 4096;
        Geometry plain = Geometry.of("disk", DISK_UUID, "Scripted disk", blockSize, BLOCKS);
        for (IoType type : List.of(IoType.FLUSH, IoType.WRITE_ZEROES, IoType.RESET)) {
            if (random.oneIn(2)) {
                script.supported.remove(type);
            }
        }
        for (IoType type : List.of(IoType.COMPARE, IoType.COMPARE_AND_WRITE, IoType.COPY, IoType.VERIFY)) {
            if (random.oneIn(4)) {
                script.supported.add(type);
            }
        }
        script.compareAndWriteBlocks = 1 + random.below(4);
        if (random.oneIn(2)) {
            return plain.with(blockSize, false, false, true);
        }
        int alignment = random.oneIn(2) ? 1 : 1 << random.below(10);
        long boundary = random.oneIn(2) ? 0 : 1L << 2 + random.below(4);
        return plain.with(blockSize, false, false, true).limited(new Geometry.Limits(
            transfer(), random.below(9), random.below(9), random.below(7), alignment, boundary, 1));
    }

    /** What compares and writes itself does so in one piece. */
    private int transfer() {
        int most = random.below(12);
        return most == 0 ? 0 : Math.max(most, script.compareAndWriteBlocks);
    }

    Bench disk(Geometry geometry) throws StorageException {
        module.create(geometry);
        descriptor = hides ? layer.openWithoutMetadata("disk", true, world.reactor(0), told)
            : layer.open("disk", true, world.reactor(0), told);
        return this;
    }

    /** Load on each reactor. */
    Bench load(int ios, IoType... types) throws Exception {
        int count = world.reactors().all().size();
        long share = BLOCKS / count;
        for (Reactor reactor : world.reactors().all()) {
            var range = new Load.Range(reactor.id() * share, share, world.environment().memory());
            int depth = 1 + random.below(24);
            loads.add(world.call(reactor, () -> new Load(random.split(), descriptor, reactor, range, depth, types)));
        }
        for (Reactor reactor : world.reactors().all()) {
            reactor.execute(() -> loads.get(reactor.id()).start(ios));
        }
        return this;
    }

    /** An open channel on the first reactor. */
    void load0() throws Exception {
        load0(IoType.READ);
    }

    /** Load on the first reactor, not yet started. */
    void load0(IoType... types) throws Exception {
        var range = new Load.Range(0, BLOCKS, world.environment().memory());
        Reactor reactor = world.reactor(0);
        loads.add(world.call(reactor, () -> new Load(random.split(), descriptor, reactor, range, 2, types)));
    }

    boolean allDone() {
        return loads.stream().allMatch(Load::isDone);
    }

    int done() {
        return loads.stream().mapToInt(load -> load.done).sum();
    }

    void closeLoads() throws Exception {
        for (Reactor reactor : world.reactors().all()) {
            world.on(reactor, loads.get(reactor.id())::close);
        }
        loads.clear();
    }

    /** Ends when what there is has ended. */
    void closeSome() throws Exception {
        world.until(this::allDone);
        world.on(world.reactor(0), () -> loads.forEach(Load::close));
        descriptor.close();
        layer.close();
    }

    void end() throws Exception {
        world.until(this::allDone);
        closeLoads();
        descriptor.close();
        layer.close();
    }
}
