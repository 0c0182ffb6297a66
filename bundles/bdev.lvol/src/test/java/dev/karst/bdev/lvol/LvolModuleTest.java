package dev.karst.bdev.lvol;

import static dev.karst.bdev.lvol.LvolStages.BLOCK;
import static dev.karst.bdev.lvol.LvolStages.CLUSTER;
import static dev.karst.bdev.lvol.LvolStages.FILE;
import static dev.karst.bdev.lvol.LvolStages.again;
import static dev.karst.bdev.lvol.LvolStages.bdev;
import static dev.karst.bdev.lvol.LvolStages.checkCode;
import static dev.karst.bdev.lvol.LvolStages.expect;
import static dev.karst.bdev.lvol.LvolStages.pool;
import static dev.karst.bdev.lvol.LvolStages.store;
import static dev.karst.bdev.lvol.LvolStages.volume;
import static dev.karst.bdev.lvol.LvolStages.write;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Errno;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.Bdev;
import dev.karst.bdev.IoType;
import dev.karst.bdev.file.FileModule;
import dev.karst.bdev.module.BdevModule;
import dev.karst.bdev.testkit.BdevStage;
import dev.karst.bdev.testkit.IoMix;
import dev.karst.bdev.testkit.Model;
import dev.karst.bdev.testkit.OpenBdev;
import dev.karst.bdev.testkit.RandomIo;
import dev.karst.env.Region;
import dev.karst.env.sim.SparseBytes;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.rpc.RpcError;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Pools and volumes of our own, on a simulated file. */
class LvolModuleTest {
    private static void run(SimWorld world, BdevStage stage, String name, int count) throws Exception {
        OpenBdev open = stage.open(name, world.reactor(0));
        Region memory = stage.environment().memory().allocate("test", RandomIo.bytesNeeded(BLOCK, 16));
        var model = new Model(0, (int) bdev(stage, name).blocks(), BLOCK, false);
        var io = new RandomIo(open.channel(), model, world.seed(), memory, IoMix.of(16, count));
        stage.on(open.reactor(), io::start);
        stage.until(io::isDone);
        open.close();
    }

    @Test
    void shouldGiveWhatWasWrittenWhenIoIsRandom() {
        SimWorld.run(1, 20, world -> {
            BdevStage stage = pool(world);
            stage.call("bdev_lvol_create", "lvol_name", "thin", "size_in_mib", 1, "lvs_name", "lvs0", "thin_provision", true);
            stage.call("bdev_lvol_create", "lvol_name", "thick", "size_in_mib", 1, "lvs_name", "lvs0");
            run(world, stage, "lvs0/thin", 1000);
            run(world, stage, "lvs0/thick", 1000);
        });
    }

    @Test
    void shouldSayOfVolumesWhatSpdkSays() {
        SimWorld.run(1, 1, world -> {
            BdevStage stage = pool(world);
            Object uuid = stage.call("bdev_lvol_create", "lvol_name", "v", "size_in_mib", 1, "lvs_name", "lvs0", "thin_provision", true);
            write(stage, "lvs0/v", 0, (byte) 1);
            Object snapshot = stage.call("bdev_lvol_snapshot", "lvol_name", "lvs0/v", "snapshot_name", "s");
            stage.call("bdev_lvol_clone", "snapshot_name", "lvs0/s", "clone_name", "c");
            Bdev device = bdev(stage, "lvs0/v");
            assertEquals(uuid, device.name());
            assertEquals(List.of("lvs0/v"), device.aliases());
            assertEquals("Logical Volume", device.productName());
            Object store = store(stage).get("uuid");
            assertEquals(Map.of("lvol", Map.of("lvol_store_uuid", store, "base_bdev", "aio0", "thin_provision", true,
                "num_allocated_clusters", 0L, "snapshot", false, "clone", true, "base_snapshot", "s", "esnap_clone", false)),
                device.driverSpecific());
            assertEquals(Map.of("lvol", Map.of("lvol_store_uuid", store, "base_bdev", "aio0", "thin_provision", true,
                "num_allocated_clusters", 1L, "snapshot", true, "clone", false, "clones", List.of("v", "c"), "esnap_clone", false)),
                bdev(stage, (String) snapshot).driverSpecific());
            assertEquals(List.of("alias", "uuid", "name", "is_thin_provisioned", "is_snapshot", "is_clone", "is_esnap_clone", "is_degraded",
                "num_allocated_clusters", "lvs"), List.copyOf(volume(stage, "v").keySet()));
            assertEquals(List.of("uuid", "name", "base_bdev", "total_data_clusters", "free_clusters", "block_size", "cluster_size",
                "max_growable_size"), List.copyOf(store(stage).keySet()));
            assertEquals("lvol store lvs0", bdev(stage, "aio0").claimedBy());
        });
    }

    @Test
    void shouldKeepEachContentsWhenThereAreSnapshotsAndClones() {
        SimWorld.run(1, 5, world -> {
            BdevStage stage = pool(world);
            stage.call("bdev_lvol_create", "lvol_name", "v", "size_in_mib", 1, "lvs_name", "lvs0", "thin_provision", true);
            write(stage, "lvs0/v", 3, (byte) 1);
            stage.call("bdev_lvol_snapshot", "lvol_name", "lvs0/v", "snapshot_name", "s");
            write(stage, "lvs0/v", 4, (byte) 2);
            stage.call("bdev_lvol_clone", "snapshot_name", "lvs0/s", "clone_name", "c");
            write(stage, "lvs0/c", 3, (byte) 3);
            expect(stage, "lvs0/v", 3, (byte) 1);
            expect(stage, "lvs0/v", 4, (byte) 2);
            expect(stage, "lvs0/s", 3, (byte) 1);
            expect(stage, "lvs0/s", 4, (byte) 0);
            expect(stage, "lvs0/c", 3, (byte) 3);
            stage.call("bdev_lvol_inflate", "name", "lvs0/c");
            stage.call("bdev_lvol_delete", "name", "lvs0/s");
            expect(stage, "lvs0/v", 3, (byte) 1);
            expect(stage, "lvs0/c", 3, (byte) 3);
            assertEquals(16L, volume(stage, "c").get("num_allocated_clusters"));
            var gone = assertThrows(StorageException.class, () -> stage.call("bdev_lvol_delete", "name", "lvs0/s"));
            assertEquals(-Errno.ENODEV, gone.code());
        });
    }

    @Test
    void shouldBringBackAllVolumesWhenItsDeviceComes() {
        SimWorld.run(1, 3, world -> {
            BdevStage stage = pool(world);
            Object uuid = stage.call("bdev_lvol_create", "lvol_name", "v", "size_in_mib", 2, "lvs_name", "lvs0", "thin_provision", true);
            write(stage, "lvs0/v", 7, (byte) 9);
            stage.call("bdev_lvol_snapshot", "lvol_name", "lvs0/v", "snapshot_name", "s");
            stage.call("bdev_aio_delete", "name", "aio0");
            stage.until(() -> stage.layer().all().isEmpty());
            BdevStage next = again(world);
            assertEquals(uuid, bdev(next, "lvs0/v").name());
            assertTrue(bdev(next, "lvs0/s").readOnly());
            expect(next, "lvs0/v", 7, (byte) 9);
            assertEquals(512, bdev(next, "lvs0/v").blocks());
        });
    }

    @Test
    void shouldOnlyPauseWhenTheModuleIsReplacedUnderLoad() {
        SimWorld.run(1, 20, world -> {
            var stage = new BdevStage(world);
            stage.add(new FileModule());
            BdevModule old = stage.add(new LvolModule());
            world.environment().files().put(FILE, new SparseBytes(64 << 20));
            stage.call("bdev_aio_create", "name", "aio0", "filename", FILE.toString(), "block_size", BLOCK);
            stage.call("bdev_lvol_create_lvstore", "bdev_name", "aio0", "lvs_name", "lvs0", "cluster_sz", CLUSTER);
            stage.call("bdev_lvol_create", "lvol_name", "v", "size_in_mib", 1, "lvs_name", "lvs0", "thin_provision", true);
            stage.call("bdev_lvol_create", "lvol_name", "w", "size_in_mib", 1, "lvs_name", "lvs0");
            OpenBdev open = stage.open("lvs0/v", world.reactor(0));
            Region memory = stage.environment().memory().allocate("test", RandomIo.bytesNeeded(BLOCK, 16));
            var io = new RandomIo(open.channel(), new Model(0, 256, BLOCK, false), world.seed(), memory, IoMix.of(16, 3000));
            stage.on(open.reactor(), io::start);
            world.runFor(world.random().between(0, 3));
            stage.remove(old);
            world.runFor(world.random().between(0, 20));
            stage.add(new LvolModule());
            stage.until(io::isDone);
            open.close();
            assertEquals(256, bdev(stage, "lvs0/w").blocks());
        });
    }

    /** What is done to the volume {@code v} while it is written and read. */
    private interface Change {
        void go(BdevStage stage) throws Exception;
    }

    private static void underLoad(Change change) {
        SimWorld.run(1, 20, world -> {
            BdevStage stage = pool(world);
            stage.call("bdev_lvol_create", "lvol_name", "v", "size_in_mib", 1, "lvs_name", "lvs0", "thin_provision", true);
            OpenBdev open = stage.open("lvs0/v", world.reactor(0));
            Region memory = stage.environment().memory().allocate("test", RandomIo.bytesNeeded(BLOCK, 16));
            var io = new RandomIo(open.channel(), new Model(0, 256, BLOCK, false), world.seed(), memory, IoMix.of(16, 3000));
            stage.on(open.reactor(), io::start);
            world.runFor(world.random().between(0, 3));
            stage.call("bdev_lvol_snapshot", "lvol_name", "lvs0/v", "snapshot_name", "s");
            change.go(stage);
            stage.until(io::isDone);
            open.close();
        });
    }

    @Test
    void shouldTakeSnapshotsUnderLoad() {
        underLoad(stage -> {
            for (int i = 0; i < 4; i++) {
                stage.call("bdev_lvol_snapshot", "lvol_name", "lvs0/v", "snapshot_name", "s" + i);
            }
        });
    }

    @Test
    void shouldDecoupleUnderLoad() {
        underLoad(stage -> {
            stage.call("bdev_lvol_decouple_parent", "name", "lvs0/v");
            assertEquals(false, volume(stage, "v").get("is_clone"));
        });
    }

    @Test
    void shouldInflateUnderLoad() {
        underLoad(stage -> {
            stage.call("bdev_lvol_inflate", "name", "lvs0/v");
            assertEquals(16L, volume(stage, "v").get("num_allocated_clusters"));
        });
    }

    @Test
    void shouldDeleteTheSnapshotUnderLoad() {
        underLoad(stage -> stage.call("bdev_lvol_delete", "name", "lvs0/s"));
    }

    @Test
    void shouldAnswerWithSpdksCodesWhenSomethingCannotBeDone() {
        SimWorld.run(1, 1, world -> {
            BdevStage stage = pool(world);
            stage.call("bdev_lvol_create", "lvol_name", "v", "size_in_mib", 1, "lvs_name", "lvs0");
            checkCode(-Errno.EEXIST, "File exists", stage, "bdev_lvol_create", "lvol_name", "v", "size_in_mib", 1, "lvs_name", "lvs0");
            checkCode(RpcError.INVALID_PARAMS, "No space left on device", stage, "bdev_lvol_create", "lvol_name", "big", "size_in_mib", 9999, "lvs_name", "lvs0");
            checkCode(-Errno.ENODEV, "No such device", stage, "bdev_lvol_create", "lvol_name", "x", "size_in_mib", 1, "lvs_name", "none");
            checkCode(-Errno.EINVAL, "Invalid argument", stage, "bdev_lvol_create", "lvol_name", "x", "size_in_mib", 1);
            checkCode(-Errno.ENODEV, "No such device", stage, "bdev_lvol_delete", "name", "lvs0/absent");
            checkCode(-Errno.EPERM, "Operation not permitted", stage, "bdev_lvol_create_lvstore", "bdev_name", "aio0", "lvs_name", "lvs1");
            checkCode(-Errno.EEXIST, "File exists", stage, "bdev_lvol_create_lvstore", "bdev_name", "aio0", "lvs_name", "lvs0");
            checkCode(-Errno.ENODEV, "No such device", stage, "bdev_lvol_create_lvstore", "bdev_name", "none", "lvs_name", "lvs1");
        });
    }

    @Test
    void shouldChangeNamesSizesAndRights() {
        SimWorld.run(1, 3, world -> {
            BdevStage stage = pool(world);
            stage.call("bdev_lvol_create", "lvol_name", "v", "size_in_mib", 1, "lvs_name", "lvs0", "thin_provision", true);
            stage.call("bdev_lvol_rename", "old_name", "lvs0/v", "new_name", "w");
            stage.call("bdev_lvol_resize", "name", "lvs0/w", "size_in_mib", 3);
            assertEquals(768, bdev(stage, "lvs0/w").blocks());
            write(stage, "lvs0/w", 767, (byte) 5);
            stage.call("bdev_lvol_set_read_only", "name", "lvs0/w");
            assertTrue(bdev(stage, "lvs0/w").readOnly());
            stage.call("bdev_lvol_rename_lvstore", "old_name", "lvs0", "new_name", "lvs9");
            expect(stage, "lvs9/w", 767, (byte) 5);
            stage.call("bdev_lvol_delete_lvstore", "lvs_name", "lvs9");
            assertEquals(1, stage.layer().all().size());
            assertEquals(List.of(), stage.call("bdev_lvol_get_lvstores"));
            assertEquals(null, bdev(stage, "aio0").claimedBy());
        });
    }

    @Test
    void shouldSeeAnotherSnapshotWhenItsParentIsChanged() {
        SimWorld.run(1, 3, world -> {
            BdevStage stage = pool(world);
            for (String name : List.of("v", "w")) {
                stage.call("bdev_lvol_create", "lvol_name", name, "size_in_mib", 1, "lvs_name", "lvs0", "thin_provision", true);
                write(stage, "lvs0/" + name, 0, (byte) name.charAt(0));
                stage.call("bdev_lvol_snapshot", "lvol_name", "lvs0/" + name, "snapshot_name", name + "s");
            }
            stage.call("bdev_lvol_set_parent", "lvol_name", "lvs0/v", "parent_name", "lvs0/ws");
            expect(stage, "lvs0/v", 0, (byte) 'w');
            expect(stage, "lvs0/vs", 0, (byte) 'v');
            checkCode(-Errno.EEXIST, "File exists", stage, "bdev_lvol_set_parent", "lvol_name", "lvs0/v", "parent_name", "lvs0/ws");
            stage.call("bdev_lvol_delete", "name", "lvs0/vs");
        });
    }

    @Test
    void shouldGiveClustersBackWhenAThinVolumeIsUnmapped() {
        SimWorld.run(1, 5, world -> {
            BdevStage stage = pool(world);
            stage.call("bdev_lvol_create", "lvol_name", "v", "size_in_mib", 1, "lvs_name", "lvs0", "thin_provision", true);
            Object free = store(stage).get("free_clusters");
            write(stage, "lvs0/v", 0, (byte) 1);
            write(stage, "lvs0/v", 31, (byte) 1);
            assertEquals(2L, volume(stage, "v").get("num_allocated_clusters"));
            OpenBdev open = stage.open("lvs0/v", world.reactor(0));
            Region memory = stage.environment().memory().allocate("test", BLOCK);
            assertEquals(Status.OK, open.move(IoType.UNMAP, 0, 40, memory));
            assertEquals(Status.OK, open.move(IoType.FLUSH, 0, 0, memory));
            open.close();
            assertEquals(0L, volume(stage, "v").get("num_allocated_clusters"));
            world.runFor(100);
            assertEquals(free, store(stage).get("free_clusters"));
            expect(stage, "lvs0/v", 31, (byte) 0);
        });
    }

    @Test
    void shouldTellTheHostThatThereIsNoRoomAndGoOnWhenThereIs() {
        SimWorld.run(1, 3, world -> {
            BdevStage stage = pool(world);
            long free = (long) store(stage).get("free_clusters");
            long mebibytes = free / 16 - 1;
            stage.call("bdev_lvol_create", "lvol_name", "thick", "size_in_mib", mebibytes, "lvs_name", "lvs0");
            stage.call("bdev_lvol_create", "lvol_name", "thin", "size_in_mib", 4, "lvs_name", "lvs0", "thin_provision", true);
            OpenBdev open = stage.open("lvs0/thin", world.reactor(0));
            Region memory = stage.environment().memory().allocate("test", BLOCK);
            long block = 0;
            int status = Status.OK;
            while (status == Status.OK && block < 1024) {
                status = open.move(IoType.WRITE, block, 1, memory);
                block += 16;
            }
            assertEquals(Status.errno(Errno.ENOSPC), status);
            stage.call("bdev_lvol_delete", "name", "lvs0/thick");
            assertEquals(Status.OK, open.move(IoType.WRITE, block - 16, 1, memory));
            open.close();
        });
    }
}
