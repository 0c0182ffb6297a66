package dev.karst.bdev.lvol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Errno;
import dev.karst.base.Mem;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.IoType;
import dev.karst.bdev.file.FileModule;
import dev.karst.bdev.lvol.spdk.PoolImage;
import dev.karst.bdev.testkit.BdevStage;
import dev.karst.bdev.testkit.OpenBdev;
import dev.karst.env.Region;
import dev.karst.env.sim.SparseBytes;
import dev.karst.reactor.sim.SimWorld;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A pool that SPDK made, as its volumes are seen through the block layer. */
class SpdkImportTest {
    private static final Path FILE = Path.of("/pool.img");
    private static final int PART = 1 << 20;

    private static BdevStage stage(SimWorld world, PoolImage image, int blockSize) throws StorageException {
        var bytes = new SparseBytes(image.bytes());
        for (long at = 0; at < image.bytes(); at += PART) {
            bytes.write(at, image.read(at, PART), 0, PART);
        }
        world.environment().files().put(FILE, bytes);
        var stage = new BdevStage(world);
        stage.add(new FileModule());
        stage.add(new LvolModule());
        stage.call("bdev_aio_create", "name", "aio0", "filename", FILE.toString(), "block_size", blockSize);
        stage.call("bdev_wait_for_examine");
        return stage;
    }

    /** Each block that was written repeats the volume's name and the block's number. */
    private static long written(BdevStage stage, SimWorld world, String volume, String tag) throws StorageException {
        OpenBdev open = stage.open(volume, world.reactor(0));
        Region memory = stage.environment().memory().allocate("test", 4096);
        long written = 0;
        for (long block = 0; block < open.bdev().blocks() * open.bdev().blockSize() / 4096; block++) {
            int blocks = 4096 / open.bdev().blockSize();
            assertEquals(Status.OK, open.move(IoType.READ, block * blocks, blocks, memory));
            byte[] read = new byte[4096];
            Mem.get(memory.address(), read, 0, read.length);
            String text = String.format("%s %08d ", tag, block);
            if (read[0] != 0) {
                assertTrue(new String(read, StandardCharsets.US_ASCII).startsWith(text), () -> new String(read, 0, 32, StandardCharsets.US_ASCII));
                written++;
            }
        }
        open.close();
        return written;
    }

    @Test
    void shouldShowItsVolumesWhateverTheBlockSizeAndHoweverItWasShutDown() {
        SimWorld.run(1, 2, world -> {
            BdevStage stage = world.seed() == 1 ? stage(world, PoolImage.clean(), 4096) : stage(world, PoolImage.unclean(), 512);
            assertTrue(written(stage, world, "lvs0/thick", "thick") > 0);
            assertEquals("db65a5b3-bb3d-45ee-9a1c-67bc1464a226", stage.layer().find("lvs0/thick").orElseThrow().name());
            assertTrue(stage.layer().find("lvs0/thick").orElseThrow().readOnly());
            assertEquals(4, ((List<?>) stage.call("bdev_lvol_get_lvols")).size());
            Map<?, ?> store = (Map<?, ?>) ((List<?>) stage.call("bdev_lvol_get_lvstores")).getFirst();
            assertEquals(95L, store.get("total_data_clusters"));
            assertEquals(83L, store.get("free_clusters"));
            var refused = assertThrows(StorageException.class, () -> stage.call("bdev_lvol_delete", "name", "lvs0/thick"));
            assertEquals(-Errno.EROFS, refused.code());
            assertEquals("lvol store lvs0", stage.layer().find("aio0").orElseThrow().claimedBy());
            stage.call("bdev_aio_delete", "name", "aio0");
            stage.until(() -> stage.layer().all().isEmpty());
        });
    }
}
