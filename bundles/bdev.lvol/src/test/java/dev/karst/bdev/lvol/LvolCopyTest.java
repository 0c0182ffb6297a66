package dev.karst.bdev.lvol;

import static dev.karst.bdev.lvol.LvolStages.bdev;
import static dev.karst.bdev.lvol.LvolStages.checkCode;
import static dev.karst.bdev.lvol.LvolStages.disk;
import static dev.karst.bdev.lvol.LvolStages.expect;
import static dev.karst.bdev.lvol.LvolStages.pool;
import static dev.karst.bdev.lvol.LvolStages.write;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.testkit.BdevStage;
import dev.karst.reactor.sim.SimWorld;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Copies of what a volume has itself to another device. */
class LvolCopyTest {
    private static final int MEBIBYTE = 1 << 20;

    @SuppressWarnings("unchecked")
    private static long start(BdevStage stage, String volume, String target) throws StorageException {
        Object answer = stage.call("bdev_lvol_start_shallow_copy", "src_lvol_name", volume, "dst_bdev_name", target);
        return ((Map<String, Long>) answer).get("operation_id");
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> check(BdevStage stage, long operation) throws StorageException {
        return (Map<String, Object>) stage.call("bdev_lvol_check_shallow_copy", "operation_id", operation);
    }

    /** What is told of the copy at its end. */
    private static Map<String, Object> end(SimWorld world, BdevStage stage, long operation) throws StorageException {
        while (true) {
            Map<String, Object> told = check(stage, operation);
            if (!told.get("state").equals("in progress")) {
                return told;
            }
            world.runFor(1);
        }
    }

    /** A snapshot {@code s} of a thin volume {@code v} of 1 MiB, on a snapshot below that holds ones in its first two clusters. */
    private static BdevStage snapshots(SimWorld world) throws StorageException {
        BdevStage stage = pool(world);
        stage.call("bdev_lvol_create", "lvol_name", "v", "size_in_mib", 1, "lvs_name", "lvs0", "thin_provision", true);
        write(stage, "lvs0/v", 0, (byte) 1);
        write(stage, "lvs0/v", 16, (byte) 1);
        stage.call("bdev_lvol_snapshot", "lvol_name", "lvs0/v", "snapshot_name", "below");
        write(stage, "lvs0/v", 17, (byte) 2);
        write(stage, "lvs0/v", 255, (byte) 2);
        stage.call("bdev_lvol_snapshot", "lvol_name", "lvs0/v", "snapshot_name", "s");
        write(stage, "lvs0/v", 32, (byte) 3);
        return stage;
    }

    @Test
    void shouldCopyWhatTheSnapshotHasItselfAndNothingElse() {
        SimWorld.run(1, 5, world -> {
            BdevStage stage = snapshots(world);
            disk(stage, world, "target", MEBIBYTE);
            write(stage, "target", 0, (byte) 9);
            write(stage, "target", 32, (byte) 9);
            long operation = start(stage, "lvs0/s", "target");
            assertEquals(Map.of("state", "complete", "copied_clusters", 2L, "total_clusters", 2L), end(world, stage, operation));
            expect(stage, "target", 0, (byte) 9);
            expect(stage, "target", 16, (byte) 1);
            expect(stage, "target", 17, (byte) 2);
            expect(stage, "target", 32, (byte) 9);
            expect(stage, "target", 255, (byte) 2);
            assertEquals(null, bdev(stage, "target").claimedBy());
            checkCode(-Errno.ENODEV, "No such device", stage, "bdev_lvol_check_shallow_copy", "operation_id", operation);
            assertEquals(operation + 1, start(stage, "lvs0/below", "target"));
        });
    }

    @Test
    void shouldKeepVolumeAndTargetForItselfWhileItRuns() {
        SimWorld.run(1, 5, world -> {
            BdevStage stage = pool(world);
            stage.call("bdev_lvol_create", "lvol_name", "v", "size_in_mib", 8, "lvs_name", "lvs0");
            stage.call("bdev_lvol_set_read_only", "name", "lvs0/v");
            disk(stage, world, "target", 8 * MEBIBYTE);
            long operation = start(stage, "lvs0/v", "target");
            assertEquals("in progress", check(stage, operation).get("state"));
            assertEquals("shallow copy of v", bdev(stage, "target").claimedBy());
            checkCode(-Errno.EBUSY, "Device or resource busy", stage, "bdev_lvol_rename", "old_name", "lvs0/v", "new_name", "w");
            checkCode(-Errno.EPERM, "Operation not permitted", stage, "bdev_lvol_start_shallow_copy", "src_lvol_name", "lvs0/v",
                "dst_bdev_name", "target");
            assertEquals(128L, end(world, stage, operation).get("copied_clusters"));
            stage.call("bdev_lvol_rename", "old_name", "lvs0/v", "new_name", "w");
        });
    }

    @Test
    void shouldRefuseWhatCannotBeCopied() {
        SimWorld.run(1, 1, world -> {
            BdevStage stage = snapshots(world);
            disk(stage, world, "small", MEBIBYTE - 4096);
            disk(stage, world, "target", MEBIBYTE);
            String start = "bdev_lvol_start_shallow_copy";
            checkCode(-Errno.EPERM, "Operation not permitted", stage, start, "src_lvol_name", "lvs0/v", "dst_bdev_name", "target");
            checkCode(-Errno.EINVAL, "Invalid argument", stage, start, "src_lvol_name", "lvs0/s", "dst_bdev_name", "small");
            checkCode(-Errno.ENODEV, "No such device", stage, start, "src_lvol_name", "lvs0/s", "dst_bdev_name", "absent");
            checkCode(-Errno.EPERM, "Operation not permitted", stage, start, "src_lvol_name", "lvs0/s", "dst_bdev_name", "aio0");
            assertEquals(null, bdev(stage, "target").claimedBy());
            assertEquals(null, bdev(stage, "small").claimedBy());
        });
    }

    /** A pool with a thick snapshot of 8 MiB, and a disk that takes a copy of it. */
    private static BdevStage snapshot(SimWorld world) throws StorageException {
        BdevStage stage = pool(world);
        stage.call("bdev_lvol_create", "lvol_name", "v", "size_in_mib", 8, "lvs_name", "lvs0");
        stage.call("bdev_lvol_snapshot", "lvol_name", "lvs0/v", "snapshot_name", "s");
        disk(stage, world, "target", 8 * MEBIBYTE);
        return stage;
    }

    @Test
    void shouldEndWithAnErrorWhenTheTargetGoes() {
        SimWorld.run(1, 20, world -> {
            BdevStage stage = snapshot(world);
            long operation = start(stage, "lvs0/s", "target");
            stage.call("bdev_aio_delete", "name", "target");
            Map<String, Object> told = end(world, stage, operation);
            assertEquals(List.of("error", false), List.of(told.get("state"), told.get("error").equals("")));
            assertTrue((long) told.get("copied_clusters") < 128, () -> told.toString());
            stage.call("bdev_lvol_delete", "name", "lvs0/s");
        });
    }

    @Test
    void shouldEndWhenTheStoreGoes() {
        SimWorld.run(1, 20, world -> {
            BdevStage stage = snapshot(world);
            long operation = start(stage, "lvs0/s", "target");
            stage.call("bdev_lvol_delete_lvstore", "lvs_name", "lvs0");
            assertEquals("error", check(stage, operation).get("state"));
            assertEquals(null, bdev(stage, "target").claimedBy());
        });
    }
}
