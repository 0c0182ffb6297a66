package dev.karst.scsi.core;

import static dev.karst.scsi.core.FakeInitiator.cdb;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Status;
import dev.karst.bdev.IoType;
import dev.karst.bdev.lvol.LvolModule;
import dev.karst.rpc.RpcChecks;
import dev.karst.rpc.RpcMethod;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A logical unit on a thin volume whose pool has less room than the volume is long. */
class ThinPoolTest {
    private static final int BLOCK = 512;
    private static final int CLUSTER = 64 << 10;
    private static final int CLUSTER_BLOCKS = CLUSTER / BLOCK;
    private static final int THIN = 2;

    private static byte[] filled(int value) {
        byte[] data = new byte[BLOCK];
        Arrays.fill(data, (byte) (value + 1));
        return data;
    }

    /** A command for the second block of a cluster of the volume. */
    private static FakeInitiator.Wish on(String operation, int cluster) {
        return cdb(String.format("%s 00 %08x 00 0001 00", operation, cluster * CLUSTER_BLOCKS + 1)).to(THIN);
    }

    private static FakeInitiator.Answer write(FakeInitiator one, int cluster) throws Exception {
        return one.execute(on("2a", cluster).sending(filled(cluster)));
    }

    private static byte[] read(FakeInitiator one, int cluster) throws Exception {
        return one.execute(on("28", cluster).taking(BLOCK)).data();
    }

    private static void call(LvolModule module, String name, Map<String, Object> parameters) throws Exception {
        RpcMethod method = module.methods().stream().filter(each -> each.name().equals(name)).findAny().orElseThrow();
        method.handler().call(RpcChecks.check(method, parameters));
    }

    private static LvolModule pool(Stage stage) throws Exception {
        var module = new LvolModule();
        stage.bdevs.addModule(module);
        stage.create("Base", 8 << 20 >> 9);
        call(module, "bdev_lvol_create_lvstore", Map.of("bdev_name", "Base", "lvs_name", "lvs0", "cluster_sz", (long) CLUSTER));
        call(module, "bdev_lvol_create", Map.of("lvol_name", "other", "size_in_mib", 1L, "lvs_name", "lvs0"));
        call(module, "bdev_lvol_create", Map.of("lvol_name", "thin", "size_in_mib", 64L, "lvs_name", "lvs0", "thin_provision", true));
        return module;
    }

    @Test
    void shouldSayThatNoSpaceCouldBeAllocatedWhenThePoolIsFullAndGoOnWhenThereIsRoom() {
        Stage.with((stage, one) -> {
            LvolModule module = pool(stage);
            stage.device.addUnit(THIN, "lvs0/thin");
            one.ready(THIN);
            int full = 0;
            while (full < 1024 && write(one, full).isGood()) {
                full++;
            }
            assertEquals("7/27/07", write(one, full).text());
            assertTrue(full > 50, full + " clusters fill the pool");
            assertTrue(write(one, 0).isGood(), "a cluster that is there");
            for (int cluster = 0; cluster < full; cluster++) {
                assertArrayEquals(filled(cluster), read(one, cluster));
            }
            assertArrayEquals(new byte[BLOCK], read(one, full));
            call(module, "bdev_lvol_delete", Map.of("name", "lvs0/other"));
            assertTrue(write(one, full).isGood());
            assertArrayEquals(filled(full), read(one, full));
            stage.device.removeUnit(THIN);
            call(module, "bdev_lvol_delete_lvstore", Map.of("lvs_name", "lvs0"));
        });
    }

    @Test
    void shouldSayTheSameWhenTheDeviceIsANamespaceThatSaysSo() {
        Stage.with((stage, one) -> {
            stage.module.failing.put(IoType.WRITE, Status.nvme(0, 0x81));
            assertEquals("7/27/07", one.execute(cdb("2a 00 00 00 00 01 00 00 01 00").to(1).sending(filled(1))).text());
        });
    }
}
