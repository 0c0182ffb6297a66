package dev.karst.bdev.nullblk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.karst.base.Errno;
import dev.karst.base.Mem;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.Bdev;
import dev.karst.bdev.IoType;
import dev.karst.bdev.module.BdevModule;
import dev.karst.bdev.testkit.BdevStage;
import dev.karst.bdev.testkit.OpenBdev;
import dev.karst.bdev.testkit.Probe;
import dev.karst.env.Region;
import dev.karst.reactor.sim.SimWorld;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NullModuleTest {
    private final SimWorld world = new SimWorld(1, 1);
    private final BdevStage stage = new BdevStage(world);
    private BdevModule module;

    @BeforeEach
    void start() throws StorageException {
        module = stage.add(new NullModule());
        stage.call("bdev_null_create", "name", "Null0", "num_blocks", 2048, "block_size", 512);
    }

    @AfterEach
    void stop() {
        world.close();
    }

    @Test
    void shouldTellOwnersWhenResized() throws Exception {
        OpenBdev open = stage.open("Null0", world.reactor(0));
        assertEquals(true, stage.call("bdev_null_resize", "name", "Null0", "new_size", 256));
        stage.until(() -> open.resizedTo() == 524288);
        Region memory = stage.environment().memory().allocate("test", 4096);
        assertEquals(Status.OK, open.move(IoType.READ, 524287, 1, memory));
        open.close();
    }

    @Test
    void shouldKeepTheNewSizeWhenModuleIsReplacedOrSaved() throws Exception {
        stage.call("bdev_null_resize", "name", "Null0", "new_size", 256);
        assertEquals(524288L, stage.front().calls().getFirst().parameters().get("num_blocks"));
        stage.remove(module);
        stage.add(new NullModule());
        assertEquals(524288, stage.layer().find("Null0").orElseThrow().blocks());
        assertEquals(Bdev.State.ONLINE, stage.layer().find("Null0").orElseThrow().state());
    }

    @Test
    void shouldRefuseWhenResizedToNothingOrUnknown() {
        var zero = assertThrows(
            StorageException.class, () -> stage.call("bdev_null_resize", "name", "Null0", "new_size", 0));
        assertEquals(-Errno.EINVAL, zero.code());
        var unknown = assertThrows(
            StorageException.class, () -> stage.call("bdev_null_resize", "name", "other", "new_size", 1));
        assertEquals(-Errno.ENODEV, unknown.code());
    }

    @Test
    void shouldUnderstandABlockSizeThatCountsTheMetadataInAsSpdkSavesIt() throws Exception {
        stage.call("bdev_null_create", "name", "a", "num_blocks", 64, "block_size", 4104, "physical_block_size", 4096, "md_size", 8);
        Bdev bdev = stage.layer().find("a").orElseThrow();
        assertEquals(4096, bdev.dataBlockSize());
        assertEquals(4104, bdev.blockSize());
    }

    @Test
    void shouldLeaveTheReadersMemoryAsItIsWhenMadeWithoutZerosAndReplaced() throws Exception {
        stage.call("bdev_null_create", "name", "bare", "num_blocks", 64, "block_size", 512, "read_zeroes", false);
        stage.remove(module);
        stage.add(new NullModule());
        OpenBdev open = stage.open("bare", world.reactor(0));
        Region memory = stage.environment().memory().allocate("test", 512);
        Mem.fill(memory.address(), 512, (byte) 0x55);
        assertEquals(Status.OK, open.move(IoType.READ, 0, 1, memory));
        assertEquals(0, Mem.getByte(memory.address()));
        Probe own = new Probe().wants(IoType.READ, 0, 1);
        own.readersMemory = true;
        own.data.add(memory.address(), 512);
        Mem.fill(memory.address(), 512, (byte) 0x55);
        assertEquals(Status.OK, open.run(own));
        assertEquals(0x55, Mem.getByte(memory.address()));
        open.close();
    }

    @Test
    void shouldSupportWhatSpdksDoes() {
        Bdev bdev = stage.layer().find("Null0").orElseThrow();
        assertFalse(bdev.supports(IoType.UNMAP));
        assertFalse(bdev.supports(IoType.FLUSH));
    }
}
