package dev.karst.nvmf.core;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.bdev.lvol.LvolModule;
import dev.karst.nvmf.core.FakeConnection.Answer;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Opcode;
import dev.karst.spec.nvme.Sqe;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A namespace on a thin volume whose pool has less room than the volume is long. */
class ThinPoolTest {
    private static final int BLOCK = 512;
    private static final int CLUSTER = 64 << 10;
    private static final long CLUSTER_BLOCKS = CLUSTER / BLOCK;
    private static final int THIN = 2;

    private static byte[] filled(long value) {
        byte[] data = new byte[BLOCK];
        Arrays.fill(data, (byte) (value + 1));
        return data;
    }

    /** Writes the second block of a cluster of the volume. */
    private static int write(Stage stage, FakeConnection io, long cluster) throws Exception {
        return Host.send(stage, io, sqe -> {
            Host.transfer(sqe, Opcode.NVM_WRITE, cluster * CLUSTER_BLOCKS + 1, 1);
            Sqe.NSID.set(sqe, THIN);
        }, 0, filled(cluster)).status();
    }

    private static byte[] read(Stage stage, FakeConnection io, long cluster) throws Exception {
        Answer answer = Host.send(stage, io, sqe -> {
            Host.transfer(sqe, Opcode.NVM_READ, cluster * CLUSTER_BLOCKS + 1, 1);
            Sqe.NSID.set(sqe, THIN);
        }, BLOCK, null);
        assertEquals(0, answer.status());
        return answer.data();
    }

    @Test
    void shouldSayCapacityExceededWhenThePoolIsFullAndGoOnWhenThereIsRoom() {
        SimWorld.run(1, 3, world -> {
            Stage stage = Stage.usual(world);
            stage.add(new LvolModule());
            stage.call("bdev_malloc_create", "name", "Base", "num_blocks", 8 << 20 >> 9, "block_size", BLOCK);
            stage.call("bdev_lvol_create_lvstore", "bdev_name", "Base", "lvs_name", "lvs0", "cluster_sz", CLUSTER);
            stage.call("bdev_lvol_create", "lvol_name", "other", "size_in_mib", 1, "lvs_name", "lvs0");
            stage.call("bdev_lvol_create", "lvol_name", "thin", "size_in_mib", 64, "lvs_name", "lvs0", "thin_provision", true);
            stage.call("nvmf_subsystem_add_ns", "nqn", Stage.NQN, "namespace", Map.of("bdev_name", "lvs0/thin", "nsid", (long) THIN));
            var host = new Host(stage, world.reactor(0));
            FakeConnection io = host.ioQueue(world.reactors().next());
            long full = 0;
            int status = 0;
            while (full < 1024 && status == 0) {
                status = write(stage, io, full);
                full += status == 0 ? 1 : 0;
            }
            assertEquals(NvmeStatus.text(NvmeStatus.CAPACITY_EXCEEDED | NvmeStatus.DNR), NvmeStatus.text(status));
            assertTrue(full > 50, full + " clusters fill the pool");
            assertEquals(0, write(stage, io, 0), "a cluster that is there");
            for (long cluster = 0; cluster < full; cluster++) {
                assertArrayEquals(filled(cluster), read(stage, io, cluster));
            }
            assertArrayEquals(new byte[BLOCK], read(stage, io, full));
            stage.call("bdev_lvol_delete", "name", "lvs0/other");
            assertEquals(0, write(stage, io, full));
            assertArrayEquals(filled(full), read(stage, io, full));
            stage.call("nvmf_subsystem_remove_ns", "nqn", Stage.NQN, "nsid", THIN);
            stage.call("bdev_lvol_delete_lvstore", "lvs_name", "lvs0");
            stage.close();
        });
    }
}
