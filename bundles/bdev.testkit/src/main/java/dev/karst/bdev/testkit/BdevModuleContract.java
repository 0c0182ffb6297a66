package dev.karst.bdev.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.karst.base.Errno;
import dev.karst.base.Mem;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.BdevChannel;
import dev.karst.bdev.IoType;
import dev.karst.bdev.module.BdevModule;
import dev.karst.env.Region;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.rpc.ConfigSource.Call;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcChecks;
import dev.karst.rpc.RpcMethod;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * What every module keeps. A module's test extends this, says how a device is made, and has all these tests; each runs in
 * many simulated worlds, under the real block layer. A failure names the seed that replays it.
 */
public abstract class BdevModuleContract {
    /** The name of the device under test. */
    protected static final String NAME = "Contract0n1";
    /** What a device under test holds at least. */
    protected static final int BLOCKS = 256;
    private static final int DEPTH = 24;
    private static final int ALLOCATION_ATTEMPTS = 40;
    private static final int ALLOCATION_ROUNDS = 20_000;

    /** The module, new. */
    protected abstract BdevModule newModule();

    /** The call that makes a device of that name with at least {@link #BLOCKS} blocks. */
    protected abstract Call creation(String name);

    /** The method that deletes it. */
    protected abstract String deletion();

    /** Makes what the device stands on: other modules and their devices, files. Nothing unless overridden. */
    protected void prepare(BdevStage stage) throws StorageException {}

    /** Sets what goes wrong in the world while random I/O runs. Nothing unless overridden. */
    protected void disturb(SimWorld world) {}

    /** Whether what is written can be read; false for a device that always reads as zeros. */
    protected boolean keepsData() {
        return true;
    }

    /** Whether a device comes by a call of its own, which is saved; else the module tests what is saved. */
    protected boolean comesByItsOwnCall() {
        return true;
    }

    /** How many worlds each test runs in. */
    protected int seeds() {
        return 20;
    }

    /** What a test does with a world that has the module and the device. */
    @FunctionalInterface
    protected interface Scene {
        void play(SimWorld world, BdevStage stage, BdevModule module) throws Exception;
    }

    /** Runs the scene in all worlds, and checks afterwards that no completion went astray. */
    protected final void inWorlds(Scene scene) {
        long strays = BdevChannel.strayCompletions();
        SimWorld.run(1, seeds(), world -> {
            var stage = new BdevStage(world);
            prepare(stage);
            BdevModule module = stage.add(newModule());
            create(stage, NAME);
            scene.play(world, stage, module);
        });
        assertEquals(strays, BdevChannel.strayCompletions(), "I/O completed that was not in flight");
    }

    /** Makes a device. */
    protected final void create(BdevStage stage, String name) throws StorageException {
        Call call = creation(name);
        assertEquals(name, stage.call(call.method(), call.parameters()), "what the creating method gives");
    }

    /** Deletes a device. */
    protected final void delete(BdevStage stage, String name) throws StorageException {
        assertEquals(true, stage.call(deletion(), Map.of("name", name)), "what the deleting method gives");
    }

    /** Random I/O on each reactor at once, each with a part of the device of its own. */
    private List<RandomIo> start(SimWorld world, BdevStage stage, IoMix mix, List<OpenBdev> opened) throws Exception {
        List<RandomIo> all = new ArrayList<>();
        int part = BLOCKS / stage.reactors().all().size();
        for (Reactor reactor : stage.reactors().all()) {
            OpenBdev open = stage.open(NAME, reactor);
            opened.add(open);
            int blockSize = open.bdev().blockSize();
            var model = new Model((long) part * all.size(), part, blockSize, !keepsData());
            Region memory = stage.environment().memory().allocate("test", RandomIo.bytesNeeded(blockSize, mix.depth()));
            all.add(new RandomIo(open.channel(), model, world.random().nextLong() >>> 40, memory, mix));
        }
        for (int i = 0; i < all.size(); i++) {
            stage.on(opened.get(i).reactor(), all.get(i)::start);
        }
        return all;
    }

    private void runToEnd(BdevStage stage, List<RandomIo> all, List<OpenBdev> opened) throws StorageException {
        stage.until(() -> all.stream().allMatch(RandomIo::isDone));
        for (OpenBdev open : opened) {
            open.close();
        }
    }

    @Test
    void shouldGiveWhatWasWrittenWhenIoIsRandom() {
        inWorlds((world, stage, module) -> {
            disturb(world);
            List<OpenBdev> opened = new ArrayList<>();
            runToEnd(stage, start(world, stage, IoMix.of(DEPTH, 600), opened), opened);
        });
    }

    @Test
    void shouldGiveWhatWasWrittenWhenIoIsAbortedAndReset() {
        inWorlds((world, stage, module) -> {
            disturb(world);
            List<OpenBdev> opened = new ArrayList<>();
            runToEnd(stage, start(world, stage, IoMix.of(DEPTH, 400).disturbed(), opened), opened);
        });
    }

    @Test
    void shouldOnlyPauseWhenModuleIsReplacedUnderLoad() {
        inWorlds((world, stage, module) -> {
            List<OpenBdev> opened = new ArrayList<>();
            List<RandomIo> all = start(world, stage, IoMix.of(DEPTH, 600), opened);
            BdevModule now = module;
            for (int swap = 0; swap < 3; swap++) {
                world.runFor(world.random().between(0, 2));
                stage.remove(now);
                world.runFor(world.random().between(0, 20));
                now = stage.add(newModule());
            }
            runToEnd(stage, all, opened);
            assertTrue(opened.stream().noneMatch(OpenBdev::isRemoved), "an owner was told that the device goes");
        });
    }

    @Test
    void shouldEndEveryIoOnceWhenDeletedUnderLoad() {
        inWorlds((world, stage, module) -> {
            List<OpenBdev> opened = new ArrayList<>();
            IoMix mix = IoMix.of(DEPTH, 4000).tolerating(
                status -> status == Status.REMOVED || status == Status.ABORTED);
            List<RandomIo> all = start(world, stage, mix, opened);
            world.runFor(world.random().between(0, 2));
            var closing = new CloseWhenRemoved(world, opened, all);
            closing.start();
            delete(stage, NAME);
            stage.until(closing::isDone);
            assertTrue(stage.layer().find(NAME).isEmpty(), "the device is still listed");
        });
    }

    /** The module with everything going wrong around it, as {@link FaultSim} has it. */
    @Test
    void shouldLeaveTheBlockLayerWholeWhenFaultsSurroundTheModule() {
        SimWorld.run(1, 2 * seeds(), world -> {
            var stage = new BdevStage(world);
            prepare(stage);
            var subject = new FaultSim.Subject(this::newModule, creation("Faulty0n1"), deletion(), keepsData());
            new FaultSim(world, stage, subject, BuggyWay.Bug.NONE).play();
        });
    }

    @Test
    void shouldLeaveNothingBehindWhenDeleted() {
        inWorlds((world, stage, module) -> {
            delete(stage, NAME);
            world.settle(100);
            List<Region> before = stage.environment().memory().regions();
            for (int round = 0; round < 5; round++) {
                create(stage, NAME);
                OpenBdev open = stage.open(NAME, world.reactor(0));
                assertEquals(Status.OK, open.run(new Probe().wants(IoType.WRITE_ZEROES, 0, BLOCKS)));
                open.close();
                delete(stage, NAME);
            }
            world.settle(100);
            assertEquals(before.size(), stage.environment().memory().regions().size(), "memory regions");
        });
    }

    @Test
    void shouldKeepDataWhenModuleIsReplaced() {
        inWorlds((world, stage, module) -> {
            OpenBdev open = stage.open(NAME, world.reactor(0));
            UUID uuid = open.bdev().uuid();
            Region memory = stage.environment().memory().allocate("test", 1 << 20);
            Pattern.fill(memory.address(), open.bdev().blockSize(), 7, 3);
            assertEquals(Status.OK, open.move(IoType.WRITE, 3, 1, memory));
            stage.remove(module);
            Mem.fill(memory.address(), open.bdev().blockSize(), (byte) 1);
            stage.add(newModule());
            assertEquals(Status.OK, open.move(IoType.READ, 3, 1, memory));
            assertTrue(Pattern.matches(memory.address(), open.bdev().blockSize(), keepsData() ? 7 : 0, 3), "other data");
            assertEquals(uuid, stage.layer().find(NAME).orElseThrow().uuid());
            open.close();
        });
    }

    @Test
    void shouldReadZeroesWhenZeroedOrUnmapped() {
        inWorlds((world, stage, module) -> {
            OpenBdev open = stage.open(NAME, world.reactor(0));
            Region memory = stage.environment().memory().allocate("test", 1 << 20);
            checkReadsZeroesAfter(IoType.WRITE_ZEROES, open, memory);
            if (open.bdev().supports(IoType.UNMAP) && open.bdev().unmapReadsZeroes()) {
                checkReadsZeroesAfter(IoType.UNMAP, open, memory);
            }
            open.close();
        });
    }

    private static void checkReadsZeroesAfter(IoType type, OpenBdev open, Region memory) throws StorageException {
        int bytes = 4 * open.bdev().blockSize();
        Mem.fill(memory.address(), bytes, (byte) 0x77);
        assertEquals(Status.OK, open.move(IoType.WRITE, 8, 4, memory));
        assertEquals(Status.OK, open.run(new Probe().wants(type, 8, 4)));
        assertEquals(Status.OK, open.move(IoType.READ, 8, 4, memory));
        assertTrue(Pattern.matches(memory.address(), bytes, 0, 0), type + " left something");
    }

    @Test
    void shouldRefuseWhenRangeLeavesTheDevice() {
        inWorlds((world, stage, module) -> {
            OpenBdev open = stage.open(NAME, world.reactor(0));
            Region memory = stage.environment().memory().allocate("test", 1 << 20);
            long blocks = open.bdev().blocks();
            assertEquals(Status.OK, open.move(IoType.READ, blocks - 1, 1, memory));
            assertEquals(Status.OUT_OF_RANGE, open.move(IoType.READ, blocks, 1, memory));
            assertEquals(Status.OUT_OF_RANGE, open.move(IoType.WRITE, blocks - 1, 2, memory));
            assertEquals(Status.OUT_OF_RANGE, open.move(IoType.READ, Long.MAX_VALUE, 1, memory));
            assertEquals(Status.OUT_OF_RANGE, open.move(IoType.READ, -1, 1, memory));
            assertEquals(Status.OUT_OF_RANGE, open.run(new Probe().wants(IoType.WRITE_ZEROES, 1, Long.MAX_VALUE)));
            open.close();
        });
    }

    @Test
    void shouldEndEveryIoOnceWhenOverloaded() {
        inWorlds((world, stage, module) -> {
            OpenBdev open = stage.open(NAME, world.reactor(0));
            Region memory = stage.environment().memory().allocate("test", 1 << 16);
            List<Probe> probes = new ArrayList<>();
            for (int i = 0; i < 1500; i++) {
                probes.add(new Probe().wants(IoType.READ, i % BLOCKS, 1).at(memory.address(), open.bdev().blockSize()));
            }
            stage.on(open.reactor(), () -> probes.forEach(probe -> assertEquals(Status.OK, open.channel().submit(probe))));
            stage.until(() -> probes.stream().allMatch(Probe::hasEnded));
            world.settle(10);
            for (Probe probe : probes) {
                assertEquals(Status.OK, probe.status());
                assertEquals(1, probe.ends());
            }
            open.close();
        });
    }

    @Test
    void shouldRefuseWhenNameIsTakenOrGone() {
        inWorlds((world, stage, module) -> {
            var taken = assertThrows(StorageException.class, () -> create(stage, NAME));
            assertEquals(-Errno.EEXIST, taken.code(), taken.getMessage());
            delete(stage, NAME);
            var gone = assertThrows(StorageException.class, () -> delete(stage, NAME));
            assertEquals(-Errno.ENODEV, gone.code(), gone.getMessage());
            assertEquals(1, gone.getMessage().lines().count());
        });
    }

    @Test
    void shouldTakeANewUuidWhenNoneIsGiven() {
        inWorlds((world, stage, module) -> {
            UUID uuid = stage.layer().find(NAME).orElseThrow().uuid();
            assertNotEquals(new UUID(0, 0), uuid);
            assertEquals(NAME, stage.layer().find(uuid.toString()).orElseThrow().name());
        });
    }

    /** Fewer bytes than this the reactor allocates for one I/O: none, but for what it does beside it. More for code that waits. */
    protected long bytesPerIo() {
        return 1;
    }

    @Test
    void shouldBeKeptByTheJournalAsBySnapshotsWhenCreated() {
        assumeTrue(comesByItsOwnCall(), "what is saved is another call");
        inWorlds((world, stage, module) -> {
            delete(stage, NAME);
            Call asked = creation(NAME);
            RpcMethod method = stage.method(asked.method());
            RpcCall call = RpcChecks.check(method, asked.parameters());
            method.handler().call(call);
            assertTrue(method.saved() && stage.method(deletion()).saved(), "create and delete are saved");
            Call saved = stage.front().calls().stream()
                .filter(one -> NAME.equals(one.parameters().get("name"))).findFirst().orElseThrow();
            assertEquals(saved.parameters(), call.repeatable());
        });
    }

    @Test
    void shouldAllocateNothingWhenIoRunsOnTheMachine() throws Exception {
        assumeTrue(System.getProperty("os.name").equals("Linux"), "env.linux needs Linux");
        try (var real = new RealStage()) {
            BdevStage stage = real.stage();
            prepare(stage);
            stage.add(newModule());
            create(stage, NAME);
            OpenBdev open = stage.open(NAME, real.reactor());
            Region memory = stage.environment().memory().allocate("test", 1 << 20);
            AllocationProbe.measure(stage, open, memory, ALLOCATION_ROUNDS);
            long least = Long.MAX_VALUE;
            // On a busy machine it takes a while until all of the path is compiled; interpreted calls of the kernel allocate.
            for (int attempt = 0; attempt < ALLOCATION_ATTEMPTS && least >= ALLOCATION_ROUNDS * bytesPerIo(); attempt++) {
                least = Math.min(least, AllocationProbe.measure(stage, open, memory, ALLOCATION_ROUNDS));
            }
            open.close();
            // The reactor's own housekeeping and the waiting test may allocate a little, whatever the number of I/Os.
            assertTrue(least < ALLOCATION_ROUNDS * bytesPerIo(), least + " bytes for " + ALLOCATION_ROUNDS + " I/Os");
        }
    }
}
