package dev.karst.vhost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Mem;
import dev.karst.bdev.lvol.LvolModule;
import dev.karst.spec.virtio.BlkRequest;
import dev.karst.vhost.blk.BlkDevice;
import dev.karst.vhost.master.BlkDriver;
import dev.karst.vhost.master.Guest;
import dev.karst.vhost.master.Master;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A disk on a thin volume whose pool has less room than the volume is long. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class ThinPoolTest {
    private static final int CLUSTER = 64 << 10;
    private static final int SECTORS = CLUSTER / BlkRequest.SECTOR_BYTES;
    private static final int BYTES = 4096;

    @TempDir
    private Path folder;

    private static int write(Guest guest, BlkDriver driver, int cluster) {
        Mem.fill(guest.at(BlkDriver.DATA), BYTES, (byte) (cluster + 1));
        return driver.write((long) cluster * SECTORS, BYTES);
    }

    private static void expect(Guest guest, BlkDriver driver, int cluster, int value) {
        assertEquals(BlkRequest.S_OK, driver.read((long) cluster * SECTORS, BYTES));
        for (int i = 0; i < BYTES; i++) {
            assertEquals((byte) value, Mem.getByte(guest.at(BlkDriver.DATA + i)), "byte " + i + " of cluster " + cluster);
        }
    }

    @Test
    void shouldEndAWriteWithAnErrorWhenThePoolIsFullAndGoOnWhenThereIsRoom() throws Exception {
        try (var bench = new Bench(folder, false)) {
            bench.stage.add(new LvolModule());
            bench.stage.call("bdev_malloc_create", "name", "Base", "num_blocks", 8 << 20 >> 9, "block_size", 512);
            bench.stage.call("bdev_lvol_create_lvstore", "bdev_name", "Base", "lvs_name", "lvs0", "cluster_sz", CLUSTER);
            bench.stage.call("bdev_lvol_create", "lvol_name", "other", "size_in_mib", 1, "lvs_name", "lvs0");
            bench.stage.call("bdev_lvol_create", "lvol_name", "thin", "size_in_mib", 64, "lvs_name", "lvs0", "thin_provision", true);
            bench.target.delete(Bench.CONTROLLER);
            bench.target.createBlk(Bench.CONTROLLER, "lvs0/thin", bench.stage.reactors().all(), new BlkDevice.Options(false, true));
            try (Master master = bench.master()) {
                var driver = new BlkDriver(master.begin(16, 0));
                Guest guest = master.guest;
                int full = 0;
                while (full < 1024 && write(guest, driver, full) == BlkRequest.S_OK) {
                    full++;
                }
                assertTrue(full > 50, full + " clusters fill the pool");
                assertEquals(BlkRequest.S_IOERR, write(guest, driver, full));
                for (int cluster = 0; cluster < full; cluster++) {
                    expect(guest, driver, cluster, cluster + 1);
                }
                expect(guest, driver, full, 0);
                bench.stage.call("bdev_lvol_delete", "name", "lvs0/other");
                assertEquals(BlkRequest.S_OK, write(guest, driver, full));
                expect(guest, driver, full, full + 1);
            }
        }
    }
}
