package dev.karst.bdev.lvol;

import static dev.karst.bdev.lvol.LvolStages.BLOCK;
import static dev.karst.bdev.lvol.LvolStages.CLUSTER;
import static dev.karst.bdev.lvol.LvolStages.expect;
import static dev.karst.bdev.lvol.LvolStages.pool;
import static dev.karst.bdev.lvol.LvolStages.soon;
import static dev.karst.bdev.lvol.LvolStages.store;
import static dev.karst.bdev.lvol.LvolStages.write;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.StorageException;
import dev.karst.bdev.Bdev;
import dev.karst.bdev.testkit.BdevStage;
import dev.karst.reactor.sim.SimWorld;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A second call comes while one changes the same pool: both are answered, and all volumes that there are hold what they did. */
class LvolConcurrentCallsTest {
    private static final int SEEDS = 6;
    /** As long as a change takes, and somewhat longer. */
    private static final int MOST_NANOS = 2_000_000;
    private static final int CLUSTER_BLOCKS = CLUSTER / BLOCK;
    /** What clusters of volumes hold, one after the other. */
    private static final Map<String, List<Integer>> CONTENTS = Map.of("p", List.of(1, 0, 0), "s", List.of(1, 2, 0), "v", List.of(1, 2, 3));

    static Stream<LvolCall> calls() {
        return Stream.of(
            new LvolCall("bdev_lvol_snapshot", "lvol_name", "lvs0/v", "snapshot_name", "x"),
            new LvolCall("bdev_lvol_clone", "snapshot_name", "lvs0/s", "clone_name", "x"),
            new LvolCall("bdev_lvol_create", "lvol_name", "x", "size_in_mib", 1, "lvs_name", "lvs0"),
            new LvolCall("bdev_lvol_delete", "name", "lvs0/v"),
            new LvolCall("bdev_lvol_delete", "name", "lvs0/s"),
            new LvolCall("bdev_lvol_delete", "name", "lvs0/p"),
            new LvolCall("bdev_lvol_inflate", "name", "lvs0/v"),
            new LvolCall("bdev_lvol_decouple_parent", "name", "lvs0/v"),
            new LvolCall("bdev_lvol_rename", "old_name", "lvs0/v", "new_name", "x"),
            new LvolCall("bdev_lvol_rename", "old_name", "lvs0/s", "new_name", "v"),
            new LvolCall("bdev_lvol_set_read_only", "name", "lvs0/v"),
            new LvolCall("bdev_lvol_resize", "name", "lvs0/v", "size_in_mib", 2),
            new LvolCall("bdev_lvol_rename_lvstore", "old_name", "lvs0", "new_name", "lvs1"),
            new LvolCall("karst_lvol_repair", "lvs_name", "lvs0", "confirm", true),
            new LvolCall("bdev_lvol_delete_lvstore", "lvs_name", "lvs0"));
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> volumes(BdevStage stage) throws StorageException {
        return (List<Map<String, Object>>) stage.call("bdev_lvol_get_lvols");
    }

    private static void check(BdevStage stage, Map<String, String> namesByUuid) throws StorageException {
        List<Map<String, Object>> volumes = volumes(stage);
        assertEquals(volumes.size(), stage.layer().all().stream().filter(bdev -> bdev.moduleName().equals("lvol")).count());
        for (Map<String, Object> volume : volumes) {
            String uuid = (String) volume.get("uuid");
            Bdev bdev = stage.layer().find(uuid).orElseThrow();
            assertEquals(List.of(volume.get("alias")), bdev.aliases());
            List<Integer> contents = CONTENTS.getOrDefault(namesByUuid.getOrDefault(uuid, ""), List.of());
            for (int i = 0; i < contents.size(); i++) {
                expect(stage, uuid, i * CLUSTER_BLOCKS, contents.get(i).byteValue());
            }
        }
        if (!((List<?>) stage.call("bdev_lvol_get_lvstores")).isEmpty()) {
            assertEquals(List.of(), ((Map<?, ?>) stage.call("karst_lvol_check", "lvs_name", store(stage).get("name"))).get("damage"));
        }
    }

    @ParameterizedTest
    @MethodSource("calls")
    void shouldAnswerBothWhenAnotherCallComes(LvolCall first) {
        for (LvolCall second : calls().toList()) {
            SimWorld.run(1, SEEDS, world -> {
                BdevStage stage = pool(world);
                stage.call("bdev_lvol_create", "lvol_name", "v", "size_in_mib", 1, "lvs_name", "lvs0", "thin_provision", true);
                write(stage, "lvs0/v", 0, (byte) 1);
                stage.call("bdev_lvol_snapshot", "lvol_name", "lvs0/v", "snapshot_name", "p");
                write(stage, "lvs0/v", CLUSTER_BLOCKS, (byte) 2);
                stage.call("bdev_lvol_snapshot", "lvol_name", "lvs0/v", "snapshot_name", "s");
                write(stage, "lvs0/v", 2 * CLUSTER_BLOCKS, (byte) 3);
                Map<String, String> names = new HashMap<>();
                volumes(stage).forEach(volume -> names.put((String) volume.get("uuid"), (String) volume.get("name")));
                CompletableFuture<Integer> other = soon(world, stage, MOST_NANOS, second::on);
                long before = world.clock().nanos();
                int code = first.on(stage);
                String what = first + " gave " + code + ", " + second + " gave " + world.get(other);
                assertTrue(world.clock().nanos() - before < 60_000_000_000L, what + " after a minute");
                world.runFor(100);
                try {
                    check(stage, names);
                } catch (AssertionError e) {
                    throw new AssertionError(what + ": " + e.getMessage(), e);
                }
            });
        }
    }
}
