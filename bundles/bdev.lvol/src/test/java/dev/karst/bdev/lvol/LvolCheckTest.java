package dev.karst.bdev.lvol;

import static dev.karst.bdev.lvol.LvolStages.FILE;
import static dev.karst.bdev.lvol.LvolStages.again;
import static dev.karst.bdev.lvol.LvolStages.expect;
import static dev.karst.bdev.lvol.LvolStages.pool;
import static dev.karst.bdev.lvol.LvolStages.write;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.testkit.BdevStage;
import dev.karst.bdev.testkit.OpenBdev;
import dev.karst.env.sim.SparseBytes;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcMethod;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A pool whose metadata are damaged, as its methods tell of it. */
class LvolCheckTest {
    private static final int PAGE = 4096;
    private static final int METADATA_PAGES = 1024;

    /** A pool with the thin volumes {@code a}, {@code b} and {@code c}, each with one block of its own. */
    private static BdevStage three(SimWorld world) throws StorageException {
        BdevStage stage = pool(world);
        byte value = 1;
        for (String name : List.of("a", "b", "c")) {
            stage.call("bdev_lvol_create", "lvol_name", name, "size_in_mib", 1, "lvs_name", "lvs0", "thin_provision", true);
            write(stage, "lvs0/" + name, 3, value);
            value++;
        }
        return stage;
    }

    /** Flips a bit in each page, also those that are in use no more, that begins with the name of this volume. */
    private static void damage(SimWorld world, String uuidOf, BdevStage stage) {
        SparseBytes bytes = world.environment().files().content(FILE);
        String uuid = stage.layer().find(uuidOf).orElseThrow().name();
        byte[] wanted = uuidBytes(uuid);
        int damaged = 0;
        for (long page = 1; page < METADATA_PAGES; page++) {
            byte[] read = bytes.read(page * PAGE, PAGE);
            if (contains(read, wanted)) {
                read[PAGE - 1] ^= 1;
                bytes.write(page * PAGE, read, 0, PAGE);
                damaged++;
            }
        }
        assertTrue(damaged > 0, "no page holds volume " + uuidOf);
    }

    private static byte[] uuidBytes(String uuid) {
        byte[] bytes = new byte[16];
        String digits = uuid.replace("-", "");
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) Integer.parseInt(digits, 2 * i, 2 * i + 2, 16);
        }
        return bytes;
    }

    private static boolean contains(byte[] page, byte[] wanted) {
        return new String(page, StandardCharsets.ISO_8859_1).contains(new String(wanted, StandardCharsets.ISO_8859_1));
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> check(BdevStage stage) throws StorageException {
        return (Map<String, Object>) stage.call("karst_lvol_check", "lvs_name", "lvs0");
    }

    @Test
    void shouldTellWhatIsDamagedNowWhenChecked() {
        SimWorld.run(1, 3, world -> {
            BdevStage stage = three(world);
            Map<String, Object> fine = check(stage);
            assertEquals(List.of(), fine.get("damage"));
            assertEquals(3L, fine.get("volumes"));
            assertEquals(3L, fine.get("clusters"));
            assertTrue((long) fine.get("pages") >= 6, fine::toString);
            assertFalse(fine.containsKey("repair_fits"));
            damage(world, "lvs0/b", stage);
            Map<String, Object> bad = check(stage);
            assertEquals(true, bad.get("repair_fits"));
            List<?> damage = (List<?>) bad.get("damage");
            assertEquals(1, damage.size(), damage::toString);
            assertTrue(damage.getFirst().toString().contains("page "), damage::toString);
            expect(stage, "lvs0/b", 3, (byte) 2);
        });
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> repair(BdevStage stage, boolean confirm) throws StorageException {
        return (Map<String, Object>) stage.call("karst_lvol_repair", "lvs_name", "lvs0", "confirm", confirm);
    }

    @Test
    void shouldWriteAnewWhatWentBadOnlyWhenConfirmed() {
        SimWorld.run(1, 3, world -> {
            BdevStage stage = three(world);
            damage(world, "lvs0/b", stage);
            Map<String, Object> plan = repair(stage, false);
            assertEquals(false, plan.get("done"));
            assertEquals(1, ((List<?>) plan.get("repairs")).size(), plan::toString);
            assertEquals(1, ((List<?>) check(stage).get("damage")).size());
            Map<String, Object> done = repair(stage, true);
            assertEquals(true, done.get("done"));
            assertEquals(plan.get("repairs"), done.get("repairs"));
            assertEquals(List.of(), check(stage).get("damage"));
            assertEquals(List.of(), repair(stage, true).get("repairs"));
            expect(stage, "lvs0/b", 3, (byte) 2);
        });
    }

    @Test
    void shouldDeleteWhatIsLostOnlyWhenConfirmedWhileTheOthersAreInUse() {
        SimWorld.run(1, 3, world -> {
            BdevStage stage = three(world);
            damage(world, "lvs0/b", stage);
            stage.call("bdev_aio_delete", "name", "aio0");
            stage.until(() -> stage.layer().all().isEmpty());
            BdevStage next = again(world);
            assertTrue(next.layer().find("lvs0/b").isEmpty());
            OpenBdev open = next.open("lvs0/a", world.reactor(0));
            String plan = ((List<?>) repair(next, false).get("repairs")).toString();
            assertTrue(plan.contains("delete volume"), plan);
            assertEquals(1L, check(next).get("degraded"));
            repair(next, true);
            Map<String, Object> whole = check(next);
            assertEquals(List.of(), whole.get("damage"));
            assertEquals(2L, whole.get("volumes"));
            assertEquals(0L, whole.get("degraded"));
            open.close();
            expect(next, "lvs0/a", 3, (byte) 1);
            expect(next, "lvs0/c", 3, (byte) 3);
            next.call("bdev_lvol_create", "lvol_name", "b", "size_in_mib", 1, "lvs_name", "lvs0", "thin_provision", true);
            write(next, "lvs0/b", 3, (byte) 4);
            expect(next, "lvs0/b", 3, (byte) 4);
        });
    }

    @Test
    void shouldTellHowFarItIsAndEndWhenNobodyWaits() {
        SimWorld.run(1, 3, world -> {
            BdevStage stage = three(world);
            RpcMethod method = stage.method("karst_lvol_check");
            assertTrue(method.runsLong());
            List<Integer> percents = new ArrayList<>();
            var ended = assertThrows(StorageException.class, () -> method.handler().call(
                new RpcCall(Map.of("lvs_name", "lvs0"), percents::add, () -> true)));
            assertEquals(-Errno.ECANCELED, ended.code());
            assertFalse(percents.isEmpty());
            assertEquals(List.of(), check(stage).get("damage"));
        });
    }
}
