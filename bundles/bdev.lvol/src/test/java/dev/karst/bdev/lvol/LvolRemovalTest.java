package dev.karst.bdev.lvol;

import static dev.karst.bdev.lvol.LvolStages.BLOCK;
import static dev.karst.bdev.lvol.LvolStages.CLUSTER;
import static dev.karst.bdev.lvol.LvolStages.FILE;
import static dev.karst.bdev.lvol.LvolStages.bdev;
import static dev.karst.bdev.lvol.LvolStages.expect;
import static dev.karst.bdev.lvol.LvolStages.pool;
import static dev.karst.bdev.lvol.LvolStages.soon;
import static dev.karst.bdev.lvol.LvolStages.stage;
import static dev.karst.bdev.lvol.LvolStages.store;
import static dev.karst.bdev.lvol.LvolStages.write;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.StorageException;
import dev.karst.bdev.Bdev.State;
import dev.karst.bdev.malloc.MallocModule;
import dev.karst.bdev.testkit.BdevStage;
import dev.karst.bdev.testkit.OpenBdev;
import dev.karst.bdev.testkit.RealStage;
import dev.karst.bdev.testkit.TestModule;
import dev.karst.reactor.sim.SimWorld;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The device goes while a call changes its store: all is let go of at once, and all is there again when it comes. */
class LvolRemovalTest {
    private static final int SEEDS = 40;
    /** As long as a change takes, and somewhat longer. */
    private static final int MOST_NANOS = 3_000_000;
    /** A call that began before waits here for the removal, which waits for it until its time is up, and for its turn again. */
    private static final long SOON_NANOS = 5_000_000_000L;

    static Stream<LvolCall> calls() {
        return Stream.of(
            new LvolCall("bdev_lvol_snapshot", "lvol_name", "lvs0/v", "snapshot_name", "x"),
            new LvolCall("bdev_lvol_clone", "snapshot_name", "lvs0/s", "clone_name", "x"),
            new LvolCall("bdev_lvol_create", "lvol_name", "x", "size_in_mib", 1, "lvs_name", "lvs0"),
            new LvolCall("bdev_lvol_delete", "name", "lvs0/v"),
            new LvolCall("bdev_lvol_delete", "name", "lvs0/s"),
            new LvolCall("bdev_lvol_inflate", "name", "lvs0/v"),
            new LvolCall("bdev_lvol_decouple_parent", "name", "lvs0/v"),
            new LvolCall("bdev_lvol_rename", "old_name", "lvs0/v", "new_name", "x"),
            new LvolCall("bdev_lvol_set_read_only", "name", "lvs0/v"),
            new LvolCall("bdev_lvol_resize", "name", "lvs0/v", "size_in_mib", 2),
            new LvolCall("bdev_lvol_rename_lvstore", "old_name", "lvs0", "new_name", "lvs1"),
            new LvolCall("bdev_lvol_grow_lvstore", "lvs_name", "lvs0"),
            new LvolCall("karst_lvol_check", "lvs_name", "lvs0"),
            new LvolCall("karst_lvol_repair", "lvs_name", "lvs0", "confirm", true),
            new LvolCall("bdev_lvol_delete_lvstore", "lvs_name", "lvs0"));
    }

    /** The device is deleted some time from now; tells how long that took. */
    private static CompletableFuture<Long> removal(SimWorld world, BdevStage stage) {
        return soon(world, stage, MOST_NANOS, on -> {
            long before = world.clock().nanos();
            on.call("bdev_aio_delete", "name", "aio0");
            return world.clock().nanos() - before;
        });
    }

    private static void checkGone(SimWorld world, BdevStage stage, CompletableFuture<Long> removed) throws StorageException {
        long nanos = world.get(removed);
        world.runFor(5_000);
        assertTrue(nanos < SOON_NANOS, "the device went after " + nanos / 1_000_000 + " ms");
        assertEquals(List.of(), stage.layer().all().stream().map(bdev -> bdev.name() + " " + bdev.aliases()).toList());
        assertEquals(List.of(), stage.call("bdev_lvol_get_lvstores"));
        assertEquals(0, regions(stage));
    }

    private static void comes(BdevStage stage) throws StorageException {
        stage.call("bdev_aio_create", "name", "aio0", "filename", FILE.toString(), "block_size", BLOCK);
        stage.call("bdev_wait_for_examine");
    }

    @ParameterizedTest
    @MethodSource("calls")
    void shouldLetGoOfItsDeviceThatGoesDuringACall(LvolCall call) {
        SimWorld.run(1, SEEDS, world -> {
            BdevStage stage = pool(world);
            stage.call("bdev_lvol_create", "lvol_name", "v", "size_in_mib", 1, "lvs_name", "lvs0", "thin_provision", true);
            write(stage, "lvs0/v", 1, (byte) 1);
            stage.call("bdev_lvol_snapshot", "lvol_name", "lvs0/v", "snapshot_name", "s");
            stage.call("bdev_lvol_create", "lvol_name", "w", "size_in_mib", 1, "lvs_name", "lvs0");
            write(stage, "lvs0/w", 2, (byte) 2);
            CompletableFuture<Long> removed = removal(world, stage);
            int code = call.on(stage);
            checkGone(world, stage, removed);
            comes(stage);
            if (call.method().equals("bdev_lvol_delete_lvstore")) {
                assertTrue(code == 0 || !((List<?>) stage.call("bdev_lvol_get_lvstores")).isEmpty(), "code " + code);
                return;
            }
            String name = (String) store(stage).get("name");
            assertEquals(List.of(), ((Map<?, ?>) stage.call("karst_lvol_check", "lvs_name", name)).get("damage"));
            expect(stage, name + "/w", 2, (byte) 2);
            assertEquals(((List<?>) stage.call("bdev_lvol_get_lvols")).size() + 1, stage.layer().all().size());
        });
    }

    @Test
    void shouldLetGoOfADeviceThatGoesWhileAStoreIsMadeOnIt() {
        SimWorld.run(1, SEEDS, world -> {
            BdevStage stage = stage(world);
            CompletableFuture<Long> removed = removal(world, stage);
            new LvolCall("bdev_lvol_create_lvstore", "bdev_name", "aio0", "lvs_name", "lvs0", "cluster_sz", CLUSTER).on(stage);
            checkGone(world, stage, removed);
            comes(stage);
        });
    }

    @Test
    void shouldLetGoOfADeviceThatGoesWhileItIsSearched() {
        SimWorld.run(1, SEEDS, world -> {
            BdevStage stage = pool(world);
            stage.call("bdev_lvol_create", "lvol_name", "v", "size_in_mib", 1, "lvs_name", "lvs0", "thin_provision", true);
            stage.call("bdev_aio_delete", "name", "aio0");
            world.runFor(200);
            stage.call("bdev_aio_create", "name", "aio0", "filename", FILE.toString(), "block_size", BLOCK);
            CompletableFuture<Long> removed = removal(world, stage);
            checkGone(world, stage, removed);
            comes(stage);
            assertEquals("lvs0", store(stage).get("name"));
            assertEquals(2, stage.layer().all().size());
        });
    }

    /** The store works on for as long as it is not closed, and needs the memory of its I/O. */
    @Test
    void shouldKeepItsMemoryWhenItCannotBeClosed() {
        SimWorld.run(1, 3, world -> {
            LvolModule old = new LvolModule();
            BdevStage stage = pool(world, old);
            var test = (TestModule) stage.add(new TestModule(world.random()));
            test.create("stuck", 4096, false, true);
            for (String name : List.of("v", "r")) {
                stage.call("bdev_lvol_create", "lvol_name", name, "size_in_mib", 1, "lvs_name", "lvs0", "thin_provision", true);
                write(stage, "lvs0/" + name, 1, (byte) 1);
            }
            stage.call("bdev_lvol_set_read_only", "name", "lvs0/r");
            test.holds = true;
            test.stubborn = true;
            stage.call("bdev_lvol_start_shallow_copy", "src_lvol_name", "lvs0/r", "dst_bdev_name", "stuck");
            stage.until(() -> test.inFlight > 0);
            long before = regions(stage);
            stage.remove(old);
            assertEquals(before, regions(stage));
            test.release();
            world.runFor(1_000);
        });
    }

    private static long regions(BdevStage stage) {
        return stage.environment().memory().regions().stream().filter(region -> region.name().startsWith("lvol")).count();
    }

    private static CompletableFuture<Void> begin(BdevStage stage, String method, String name) {
        return CompletableFuture.runAsync(() -> {
            try {
                stage.call(method, "name", name);
            } catch (StorageException e) {
                throw new CompletionException(e);
            }
        });
    }

    /** Whoever takes all volumes away waits for the one that is being deleted, and finds it gone. */
    @Test
    void shouldLetGoOfItsDeviceThatGoesWhileAVolumeIsDeleted() throws Exception {
        try (var real = new RealStage()) {
            BdevStage stage = real.stage();
            stage.add(new MallocModule());
            stage.add(new LvolModule());
            stage.call("bdev_malloc_create", "name", "m0", "num_blocks", 16384, "block_size", BLOCK);
            stage.call("bdev_lvol_create_lvstore", "bdev_name", "m0", "lvs_name", "lvs0");
            stage.call("bdev_lvol_create", "lvol_name", "v", "size_in_mib", 4, "lvs_name", "lvs0");
            OpenBdev open = stage.open("lvs0/v", real.reactor());
            CompletableFuture<Void> deletion = begin(stage, "bdev_lvol_delete", "lvs0/v");
            stage.until(open::isRemoved);
            CompletableFuture<Void> removal = begin(stage, "bdev_malloc_delete", "m0");
            stage.until(() -> bdev(stage, "m0").state() == State.REMOVING);
            long later = stage.environment().clock().nanos() + 100_000_000;
            stage.until(() -> stage.environment().clock().nanos() > later);
            open.close();
            stage.until(() -> deletion.isDone() && removal.isDone());
            removal.get();
            stage.until(() -> regions(stage) == 0);
            assertEquals(List.of(), stage.call("bdev_lvol_get_lvstores"));
        }
    }
}
