package dev.karst.bdev.lvol;

import static dev.karst.bdev.lvol.LvolStages.BLOCK;
import static dev.karst.bdev.lvol.LvolStages.bdev;
import static dev.karst.bdev.lvol.LvolStages.checkCode;
import static dev.karst.bdev.lvol.LvolStages.expect;
import static dev.karst.bdev.lvol.LvolStages.pool;
import static dev.karst.bdev.lvol.LvolStages.store;
import static dev.karst.bdev.lvol.LvolStages.volume;
import static dev.karst.bdev.lvol.LvolStages.write;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Errno;
import dev.karst.base.Mem;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.IoType;
import dev.karst.bdev.testkit.BdevStage;
import dev.karst.bdev.testkit.OpenBdev;
import dev.karst.env.Region;
import dev.karst.reactor.sim.SimWorld;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Stores on a device whose flushes fail for a while. */
class LvolHealTest {
    private static final long CLUSTER_BLOCKS = LvolStages.CLUSTER / BLOCK;
    private static final int EIO = Status.errno(Errno.EIO);
    /** Longer than between two looks at the device. */
    private static final long SOME_MS = 3_000;

    /** Volumes v and w with something in their first clusters, and a snapshot s of w. */
    private static BdevStage made(SimWorld world, LvolModule module) throws StorageException {
        BdevStage stage = pool(world, module);
        for (String name : List.of("v", "w")) {
            stage.call("bdev_lvol_create", "lvol_name", name, "size_in_mib", 1, "lvs_name", "lvs0", "thin_provision", true);
            write(stage, "lvs0/" + name, 0, (byte) 1);
        }
        stage.call("bdev_lvol_snapshot", "lvol_name", "lvs0/w", "snapshot_name", "s");
        return stage;
    }

    private static void failFlushes(SimWorld world, boolean fail) {
        world.environment().faults().syncErrorOneIn = fail ? 1 : 0;
    }

    private static int flush(OpenBdev open, Region memory) throws StorageException {
        return open.move(IoType.FLUSH, 0, 0, memory);
    }

    private static void checkWorks(BdevStage stage) throws StorageException {
        assertFalse(store(stage).containsKey("failure"));
        stage.call("bdev_lvol_create", "lvol_name", "later", "size_in_mib", 1, "lvs_name", "lvs0", "thin_provision", true);
        write(stage, "lvs0/later", 0, (byte) 9);
        expect(stage, "lvs0/later", 0, (byte) 9);
        assertEquals(List.of(), ((Map<?, ?>) stage.call("karst_lvol_check", "lvs_name", "lvs0")).get("damage"));
    }

    @Test
    void shouldWorkOnAndTellEachVolumeOnceWhenFlushesFailedForAWhile() {
        SimWorld.run(1, 10, world -> {
            BdevStage stage = made(world, new LvolModule());
            Region memory = stage.environment().memory().allocate("test", BLOCK);
            OpenBdev v = stage.open("lvs0/v", world.reactor(0));
            OpenBdev w = stage.open("lvs0/w", stage.reactors().all().getLast());
            Mem.fill(memory.address(), BLOCK, (byte) 2);
            assertEquals(Status.OK, v.move(IoType.WRITE, CLUSTER_BLOCKS, 1, memory));
            assertEquals(Status.OK, w.move(IoType.WRITE, 1, 1, memory));
            failFlushes(world, true);
            assertEquals(EIO, flush(v, memory));
            assertEquals(EIO, v.move(IoType.WRITE, 2 * CLUSTER_BLOCKS, 1, memory));
            expect(stage, "lvs0/v", 0, (byte) 1);
            String why = (String) store(stage).get("failure");
            assertTrue(why.contains("a commit of store lvs0 failed"), why);
            checkCode(-Errno.EIO, "Input/output error: store lvs0 takes no changes until its device works again", stage, "bdev_lvol_create", "lvol_name", "x",
                "size_in_mib", 1, "lvs_name", "lvs0");
            world.runFor(SOME_MS);
            why = (String) store(stage).get("failure");
            assertTrue(why.contains("a commit of store lvs0 failed") && why.contains("; it was not healed: Input/output error: a flush failed"), why);
            failFlushes(world, false);
            world.runFor(2 * SOME_MS);
            for (OpenBdev open : List.of(v, w)) {
                assertEquals(EIO, flush(open, memory));
                assertEquals(Status.OK, flush(open, memory));
            }
            assertEquals(Status.OK, w.move(IoType.WRITE, 1, 1, memory));
            assertEquals(Status.OK, flush(w, memory));
            v.close();
            w.close();
            expect(stage, "lvs0/v", 0, (byte) 1);
            expect(stage, "lvs0/w", 0, (byte) 1);
            expect(stage, "lvs0/w", 1, (byte) 2);
            expect(stage, "lvs0/s", 1, (byte) 0);
            checkWorks(stage);
        });
    }

    @Test
    void shouldTryMoreSeldomTheLongerTheDeviceFails() {
        SimWorld.run(1, 5, world -> {
            BdevStage stage = made(world, new LvolModule());
            Region memory = stage.environment().memory().allocate("test", BLOCK);
            OpenBdev v = stage.open("lvs0/v", world.reactor(0));
            failFlushes(world, true);
            assertEquals(EIO, flush(v, memory));
            failFlushes(world, false);
            world.environment().faults().ioErrorOneIn = 1;
            world.runFor(20_000);
            String why = (String) store(stage).get("failure");
            assertTrue(why.contains("; it was not healed: "), why);
            world.environment().faults().ioErrorOneIn = 0;
            world.runFor(SOME_MS);
            assertTrue(store(stage).containsKey("failure"), "it was tried again soon");
            assertEquals(Status.OK, v.move(IoType.READ, 0, 1, memory));
            world.runFor(15_000);
            assertEquals(EIO, flush(v, memory));
            v.close();
            expect(stage, "lvs0/v", 0, (byte) 1);
            checkWorks(stage);
        });
    }

    @Test
    void shouldTellVolumesWhenTheModuleIsReplacedMeanwhile() {
        SimWorld.run(1, 10, world -> {
            LvolModule old = new LvolModule();
            BdevStage stage = made(world, old);
            Region memory = stage.environment().memory().allocate("test", BLOCK);
            OpenBdev v = stage.open("lvs0/v", world.reactor(0));
            OpenBdev w = stage.open("lvs0/w", stage.reactors().all().getLast());
            assertEquals(Status.OK, v.move(IoType.WRITE, 0, 1, memory));
            failFlushes(world, true);
            assertEquals(EIO, flush(w, memory));
            boolean heals = world.random().oneIn(2);
            failFlushes(world, false);
            world.runFor(heals ? SOME_MS : 10);
            if (heals) {
                assertEquals(EIO, flush(w, memory));
                world.runFor(10);
            }
            stage.remove(old);
            stage.add(new LvolModule());
            assertEquals(EIO, flush(v, memory));
            assertEquals(heals ? Status.OK : EIO, flush(w, memory));
            for (OpenBdev open : List.of(v, w)) {
                assertEquals(Status.OK, flush(open, memory));
                open.close();
            }
            checkWorks(stage);
        });
    }

    @Test
    void shouldHaveTheBlockDevicesOfWhatIsDurableWhenChangesAreTakenBack() {
        SimWorld.run(1, 5, world -> {
            BdevStage stage = made(world, new LvolModule());
            String uuid = (String) volume(stage, "w").get("uuid");
            Object[][] changes = {
                {"bdev_lvol_delete", "name", "lvs0/w"},
                {"bdev_lvol_delete", "name", "lvs0/s"},
                {"bdev_lvol_rename", "old_name", "lvs0/w", "new_name", "other"},
                {"bdev_lvol_resize", "name", "lvs0/w", "size_in_mib", 2},
                {"bdev_lvol_set_read_only", "name", "lvs0/w"},
                {"bdev_lvol_create", "lvol_name", "x", "size_in_mib", 1, "lvs_name", "lvs0", "thin_provision", true},
                {"bdev_lvol_snapshot", "lvol_name", "lvs0/w", "snapshot_name", "t"}};
            for (Object[] change : changes) {
                failFlushes(world, true);
                Object[] parameters = Arrays.copyOfRange(change, 1, change.length);
                checkCode(-Errno.EIO, "Input/output error: making the change durable failed", stage, (String) change[0], parameters);
                failFlushes(world, false);
                world.runFor(SOME_MS);
                assertEquals(uuid, bdev(stage, "lvs0/w").name(), (String) change[0]);
                assertEquals(1 << 20, bdev(stage, "lvs0/w").blocks() * BLOCK);
                assertFalse(bdev(stage, "lvs0/w").readOnly());
                assertEquals(3, stage.layer().all().stream().filter(each -> each.moduleName().equals("lvol")).count(), (String) change[0]);
                expect(stage, "lvs0/w", 0, (byte) 1);
                expect(stage, "lvs0/s", 0, (byte) 1);
            }
            OpenBdev w = stage.open("lvs0/w", world.reactor(0));
            assertEquals(EIO, flush(w, stage.environment().memory().allocate("test", BLOCK)));
            w.close();
            checkWorks(stage);
        });
    }
}
