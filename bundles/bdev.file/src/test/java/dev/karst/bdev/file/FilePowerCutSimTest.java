package dev.karst.bdev.file;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Mem;
import dev.karst.bdev.testkit.BdevStage;
import dev.karst.bdev.testkit.IoMix;
import dev.karst.bdev.testkit.Model;
import dev.karst.bdev.testkit.OpenBdev;
import dev.karst.bdev.testkit.RandomIo;
import dev.karst.env.Region;
import dev.karst.env.sim.CrashState;
import dev.karst.env.sim.PowerCut;
import dev.karst.env.sim.WriteRecorder;
import dev.karst.reactor.sim.SimWorld;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The power is cut at every instant that matters: what an acknowledged FLUSH covered is there, the rest is old or new.
 */
class FilePowerCutSimTest {
    private static final Path FILE = Path.of("/data/cut.img");
    private static final int BLOCKS = 48;
    private static final int BLOCK = 512;
    private static final int SEEDS = 12;
    private static final long STATES_PER_INSTANT = 40;

    private long states;

    @Test
    void shouldHoldWhatWasFlushedWhenPowerIsCut() {
        SimWorld.run(1, SEEDS, 1, this::cutEverywhere);
        assertTrue(states > 100L * SEEDS || Long.getLong("karst.sim.seed") != null,
            states + " states are too few to tell");
    }

    /** The planted bug: a disk that acknowledges a flush and keeps nothing. Each run must find it. */
    @Test
    void shouldFailInEveryWorldWhenDiskLiesAboutSync() {
        for (long seed = 1; seed <= SEEDS; seed++) {
            long now = seed;
            assertThrows(AssertionError.class, () -> SimWorld.run(now, 1, 1, world -> {
                world.faults().lyingSync = true;
                cutEverywhere(world);
            }), "seed " + seed + " did not find the lying disk");
        }
    }

    /** The file is made longer, then shorter, under load: it has the old or the new length, and what was flushed. */
    @Test
    void shouldHaveTheOldOrTheNewLengthWhenPowerIsCutWhileResized() {
        long[] lengths = new long[3];
        SimWorld.run(100, SEEDS, 1, world -> resizeAndCut(world, lengths));
        for (int mebibytes = 1; mebibytes <= 2; mebibytes++) {
            assertTrue(lengths[mebibytes] > 0, "no state of " + mebibytes + " MiB was seen");
        }
    }

    /** The planted bug again. */
    @Test
    void shouldFailInEveryWorldWhenDiskLiesAboutSyncWhileResized() {
        for (long seed = 100; seed < 100 + SEEDS; seed++) {
            long now = seed;
            assertThrows(AssertionError.class, () -> SimWorld.run(now, 1, 1, world -> {
                world.faults().lyingSync = true;
                resizeAndCut(world, new long[3]);
            }), "seed " + seed + " did not find the lying disk");
        }
    }

    private void resizeAndCut(SimWorld world, long[] lengths) throws Exception {
        var stage = new BdevStage(world);
        stage.add(new FileModule());
        stage.call("bdev_uring_create", "name", "Cut0", "filename", FILE.toString(), "create_size_mib", 1);
        WriteRecorder recorder = world.environment().files().record();
        var model = new Model(0, BLOCKS, BLOCK, false);
        OpenBdev open = stage.open("Cut0", world.reactor(0));
        RandomIo io = start(world, stage, open, model, recorder);
        for (long mebibytes : new long[] {2, 1, 2, 1}) {
            world.runFor(1);
            stage.call("karst_bdev_file_resize", "name", "Cut0", "size_mib", mebibytes, "force", true);
        }
        stage.until(io::isDone);
        open.close();
        Region sector = stage.environment().memory().allocate("test", BLOCK);
        new PowerCut(recorder, world.random(), STATES_PER_INSTANT).checkAll(state -> {
            lengths[(int) (state.files().get(FILE).size() >> 20)]++;
            check(state, recorder.markAt(state.instant()), model, io.floors(), sector);
        });
    }

    private void cutEverywhere(SimWorld world) throws Exception {
        var stage = new BdevStage(world);
        stage.add(new FileModule());
        stage.call("bdev_uring_create", "name", "Cut0", "filename", FILE.toString(), "create_size_mib", 1);
        world.faults().shortTransferOneIn = 6;
        WriteRecorder recorder = world.environment().files().record();
        var model = new Model(0, BLOCKS, BLOCK, false);
        RandomIo io = write(world, stage, model, recorder);
        Region sector = stage.environment().memory().allocate("test", BLOCK);
        var cut = new PowerCut(recorder, world.random(), STATES_PER_INSTANT);
        states += cut.checkAll(state -> check(state, recorder.markAt(state.instant()), model, io.floors(), sector))
            .distinct();
    }

    private static RandomIo write(SimWorld world, BdevStage stage, Model model, WriteRecorder recorder)
        throws Exception {
        OpenBdev open = stage.open("Cut0", world.reactor(0));
        RandomIo io = start(world, stage, open, model, recorder);
        stage.until(io::isDone);
        open.close();
        return io;
    }

    private static RandomIo start(
        SimWorld world, BdevStage stage, OpenBdev open, Model model, WriteRecorder recorder) throws Exception {
        int depth = 6;
        Region memory = stage.environment().memory().allocate("test", RandomIo.bytesNeeded(BLOCK, depth));
        IoMix mix = IoMix.of(depth, 150).telling(recorder::mark);
        var io = new RandomIo(open.channel(), model, world.seed(), memory, mix);
        stage.on(open.reactor(), io::start);
        return io;
    }

    private static void check(CrashState state, long flush, Model model, List<Model.Floor> floors, Region sector) {
        Model.Floor floor = flush < 0 ? null : floors.get((int) flush);
        for (int block = 0; block < BLOCKS; block++) {
            byte[] bytes = state.files().get(FILE).read((long) block * BLOCK, BLOCK);
            Mem.put(sector.address(), bytes, 0, BLOCK);
            assertTrue(model.allowsAfterCut(floor, block, sector.address()), "block " + block + " after flush "
                + flush);
        }
    }
}
