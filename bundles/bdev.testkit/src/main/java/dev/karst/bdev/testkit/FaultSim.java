package dev.karst.bdev.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.StorageException;
import dev.karst.bdev.Bdev.State;
import dev.karst.bdev.BdevChannel;
import dev.karst.bdev.module.BdevModule;
import dev.karst.bdev.testkit.fault.FaultModule;
import dev.karst.bdev.testkit.fault.Faults;
import dev.karst.env.Region;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.rpc.ConfigSource.Call;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * One life of a device whose module misbehaves, beside one whose module does not: made, opened, used by all reactors,
 * replaced and deleted while everything goes wrong. Afterwards each I/O must have ended once, the neighbour must have
 * seen nothing of it, and devices, channels, memory and refused completions must be as many as they should be.
 */
final class FaultSim {
    /** What is put to the test. */
    record Subject(Supplier<BdevModule> modules, Call creation, String deletion, boolean keepsData) {
        String name() {
            return (String) creation.parameters().get("name");
        }
    }

    private static final String NEIGHBOUR = "Neighbour0";
    private static final int BLOCKS = BdevModuleContract.BLOCKS;
    /** Few, so that what is lost is soon missed. */
    private static final int NEIGHBOUR_BLOCKS = 64;
    private static final int DEPTH = 12;
    private static final int IOS = 120;
    private static final int TRIES = 40;
    private static final long STEPS = 400_000;

    private final SimWorld world;
    private final BdevStage stage;
    private final Subject subject;
    private final BuggyWay.Bug bug;
    private final Faults faults;
    private final List<OpenBdev> opened = new ArrayList<>();
    private final List<RandomIo> loads = new ArrayList<>();
    private final List<BdevChannel> ways = new ArrayList<>();
    private BdevModule module;
    private long loadBytes;

    FaultSim(SimWorld world, BdevStage stage, Subject subject, BuggyWay.Bug bug) {
        this.world = world;
        this.stage = stage;
        this.subject = subject;
        this.bug = bug;
        this.faults = new Faults(world.random().split());
    }

    Faults faults() {
        return faults;
    }

    /** Plays it; throws what it finds wrong. */
    void play() throws Exception {
        stage.add(new MemoryModule("neighbour"));
        stage.call("neighbour_create", "name", NEIGHBOUR);
        module = stage.add(new FaultModule(subject.modules().get(), faults));
        stage.call(subject.creation().method(), subject.creation().parameters());
        stage.call(subject.deletion(), Map.of("name", subject.name()));
        world.settle(100);
        long bytes = givenBytes();
        int devices = stage.layer().all().size();
        long strays = BdevChannel.strayCompletions();

        RandomIo neighbour = load(NEIGHBOUR, world.reactor(0), 0, IoMix.of(DEPTH, 2 * IOS));
        faults.rage();
        create();
        openAndLoad();
        for (int turn = world.random().below(4); turn > 0; turn--) {
            world.runFor(world.random().between(0, 3));
            replace();
        }
        world.runFor(world.random().between(0, 5));
        end(neighbour);

        assertEquals(devices, stage.layer().all().size(), "block devices");
        assertEquals(0, faults.openChannels(), "open channels of the module");
        assertEquals(0, faults.devices(), "devices of the module that were not destroyed");
        assertEquals(faults.strays(), BdevChannel.strayCompletions() - strays, "completions refused");
        stage.remove(module);
        assertEquals(bytes, givenBytes() - loadBytes, "memory");
    }

    /** Without the buffers of the block layer, which stay once they are needed. */
    private long givenBytes() {
        return world.environment().memory().regions().stream()
            .filter(region -> !region.name().startsWith("bdev.bounce.")).mapToLong(Region::bytes).sum();
    }

    private void create() {
        for (int tries = 0; stage.layer().find(subject.name()).isEmpty(); tries++) {
            if (tries == TRIES) {
                faults.calm();
            }
            try {
                stage.call(subject.creation().method(), subject.creation().parameters());
            } catch (StorageException e) {
                assertTrue(tries <= TRIES, () -> "cannot be made although all is calm: " + e.getMessage());
                assertTrue(stage.layer().find(subject.name()).isEmpty(), "refused and yet there");
            }
        }
    }

    private void openAndLoad() throws Exception {
        int part = BLOCKS / stage.reactors().all().size();
        for (Reactor reactor : stage.reactors().all()) {
            load(subject.name(), reactor, part * reactor.id(), IoMix.of(DEPTH, IOS).disturbed().tolerating(any -> true));
        }
    }

    /** Opens it until that succeeds, and begins. */
    private RandomIo load(String name, Reactor reactor, int first, IoMix mix) throws Exception {
        OpenBdev open = open(name, reactor);
        int blockSize = open.bdev().blockSize();
        int part = name.equals(NEIGHBOUR) ? NEIGHBOUR_BLOCKS : BLOCKS / stage.reactors().all().size();
        boolean forgets = !name.equals(NEIGHBOUR) && !subject.keepsData();
        var model = new Model(first, part, blockSize, forgets);
        Region memory = stage.environment().memory().allocate("test", RandomIo.bytesNeeded(blockSize, mix.depth()));
        loadBytes += memory.bytes();
        BdevChannel way = bug == BuggyWay.Bug.NONE ? open.channel() : new BuggyWay(open.channel(), bug);
        var load = new RandomIo(way, model, world.random().nextLong() >>> 40, memory, mix);
        opened.add(open);
        ways.add(way);
        loads.add(load);
        stage.on(reactor, load::start);
        return load;
    }

    private OpenBdev open(String name, Reactor reactor) throws StorageException {
        for (int tries = 0; tries < TRIES; tries++) {
            try {
                return stage.open(name, reactor);
            } catch (StorageException e) {
                assertTrue(e.getMessage().contains("planted"), e.getMessage());
            }
        }
        faults.calm();
        return stage.open(name, reactor);
    }

    /** The module goes, and one of its kind comes, unless it throws when started. */
    private void replace() {
        stage.remove(module);
        world.runFor(world.random().between(0, 3));
        for (int tries = 0; tries < TRIES; tries++) {
            try {
                module = stage.add(new FaultModule(subject.modules().get(), faults));
                return;
            } catch (Faults.Planted e) {
                world.runFor(1);
            }
        }
        faults.calm();
        module = stage.add(new FaultModule(subject.modules().get(), faults));
    }

    /** Deletes it under load, or waits for the load first; with or without faults. */
    private void end(RandomIo neighbour) throws Exception {
        boolean deletes = world.random().oneIn(2);
        if (deletes) {
            delete();
        }
        faults.calm();
        faults.release();
        // What a failed restore left parked, or a module did not give back, the next one takes over.
        replace();
        faults.release();
        world.until(() -> loads.stream().allMatch(RandomIo::isDone), STEPS);
        for (int i = 0; i < opened.size(); i++) {
            OpenBdev open = opened.get(i);
            stage.on(open.reactor(), ways.get(i)::close);
            open.descriptor().close();
        }
        if (stage.layer().find(subject.name()).isPresent()) {
            delete();
        }
        world.settle(100);
        assertTrue(neighbour.isDone(), "the neighbour");
    }

    private void delete() throws StorageException {
        try {
            stage.call(subject.deletion(), Map.of("name", subject.name()));
        } catch (StorageException e) {
            // Parked, or given up meanwhile.
            boolean here = stage.layer().find(subject.name()).map(bdev -> bdev.state() == State.ONLINE).orElse(false);
            assertTrue(!here, () -> "cannot be deleted: " + e.getMessage());
        }
    }
}
