package dev.karst.bdev.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.karst.base.Errno;
import dev.karst.base.Mem;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.IoType;
import dev.karst.bdev.testkit.BdevStage;
import dev.karst.bdev.testkit.IoMix;
import dev.karst.bdev.testkit.Model;
import dev.karst.bdev.testkit.OpenBdev;
import dev.karst.bdev.testkit.Probe;
import dev.karst.bdev.testkit.RandomIo;
import dev.karst.bdev.testkit.RealStage;
import dev.karst.env.Region;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A block device of the kernel: a loop device over a file, with sectors of 4096 bytes. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "env.linux needs Linux")
class FileOnDeviceTest {
    private static final int BLOCK = 4096;
    private static final int MIB = 1 << 20;

    @TempDir
    private Path folder;

    private Path backing;
    private String device;
    private RealStage real;
    private BdevStage stage;

    @BeforeEach
    void attach() throws Exception {
        backing = folder.resolve("backing.img");
        lengthen(4 * MIB);
        attach("--sector-size", Integer.toString(BLOCK));
        real = new RealStage();
        stage = real.stage();
        stage.add(new FileModule());
    }

    private void attach(String... options) throws Exception {
        String[] command = new String[options.length + 4];
        command[0] = "losetup";
        command[1] = "--find";
        command[2] = "--show";
        System.arraycopy(options, 0, command, 3, options.length);
        command[command.length - 1] = backing.toString();
        device = HostTools.ask(command);
        assumeTrue(device != null, "a loop device needs root and losetup");
    }

    private void lengthen(long bytes) throws IOException {
        try (var file = new RandomAccessFile(backing.toFile(), "rw")) {
            file.setLength(bytes);
        }
    }

    @AfterEach
    void detach() throws Exception {
        if (real != null) {
            real.close();
        }
        if (device != null) {
            HostTools.run("losetup", "--detach", device);
        }
    }

    private OpenBdev open() throws StorageException {
        stage.call("bdev_uring_create", "name", "Dev0", "filename", device);
        return stage.open("Dev0", real.reactor());
    }

    private Region memory(long bytes) throws StorageException {
        return stage.environment().memory().allocate("test", bytes);
    }

    @Test
    void shouldTakeSectorAndSizeFromTheDevice() throws Exception {
        OpenBdev open = open();
        assertEquals(BLOCK, open.bdev().blockSize());
        assertEquals(BLOCK, open.bdev().physicalBlockSize());
        assertEquals(4 * MIB / BLOCK, open.bdev().blocks());
        open.close();
        var small = assertThrows(StorageException.class,
            () -> stage.call("bdev_aio_create", "name", "b", "filename", device, "block_size", 512));
        assertEquals(-Errno.EINVAL, small.code(), small.getMessage());
    }

    @Test
    void shouldGiveWhatWasWrittenWhenIoIsRandom() throws Exception {
        OpenBdev open = open();
        Region memory = memory(RandomIo.bytesNeeded(BLOCK, 16));
        var model = new Model(0, 4 * MIB / BLOCK, BLOCK, false);
        var mix = new IoMix(16, 2000, BLOCK, false, status -> false, number -> { });
        var io = new RandomIo(open.channel(), model, 1, memory, mix);
        stage.on(real.reactor(), io::start);
        stage.until(io::isDone);
        open.close();
    }

    @Test
    void shouldGiveSpaceBackAndReadZeroesWhenUnmapped() throws Exception {
        OpenBdev open = open();
        assumeTrue(open.bdev().supports(IoType.UNMAP), "what the loop device stands on cannot punch");
        Region memory = memory(MIB);
        Mem.fill(memory.address(), MIB, (byte) 0x44);
        int blocks = MIB / BLOCK;
        assertEquals(Status.OK, open.move(IoType.WRITE, 0, blocks, memory));
        assertEquals(Status.OK, open.run(new Probe().wants(IoType.FLUSH, 0, open.bdev().blocks())));
        long before = HostTools.allocatedBytes(backing);
        assertEquals(Status.OK, open.run(new Probe().wants(IoType.UNMAP, 1, blocks - 2)));
        assertEquals(Status.OK, open.run(new Probe().wants(IoType.WRITE_ZEROES, blocks - 1, 1)));
        assertEquals(Status.OK, open.move(IoType.READ, 0, blocks, memory));
        for (long at = 0; at < MIB; at += 8) {
            assertEquals(at < BLOCK ? 0x4444444444444444L : 0, Mem.getLong(memory.address() + at), "byte " + at);
        }
        assertTrue(HostTools.allocatedBytes(backing) < before / 2, "no space was given back");
        open.close();
    }

    @Test
    void shouldTellTheNewSizeWhenTheDeviceHasGrownOrShrunk() throws Exception {
        OpenBdev open = open();
        Region memory = memory(BLOCK);
        lengthen(6 * MIB);
        assumeTrue(HostTools.run("losetup", "--set-capacity", device), "this losetup cannot resize");
        assertEquals(true, stage.call("bdev_uring_rescan", "name", "Dev0"));
        stage.until(() -> open.resizedTo() == 6 * MIB / BLOCK);
        assertEquals(Status.OK, open.move(IoType.WRITE, 6 * MIB / BLOCK - 1, 1, memory));
        lengthen(2 * MIB);
        assertTrue(HostTools.run("losetup", "--set-capacity", device));
        stage.call("bdev_uring_rescan", "name", "Dev0");
        stage.until(() -> open.resizedTo() == 2 * MIB / BLOCK);
        assertEquals(Status.OUT_OF_RANGE, open.move(IoType.READ, 2 * MIB / BLOCK, 1, memory));
        open.close();
    }

    @Test
    void shouldNotBeResizedByUs() throws Exception {
        OpenBdev open = open();
        var refused = assertThrows(StorageException.class,
            () -> stage.call("karst_bdev_file_resize", "name", "Dev0", "size_mib", 8));
        assertEquals(-Errno.EOPNOTSUPP, refused.code(), refused.getMessage());
        open.close();
    }

    @Test
    void shouldBeReadOnlyWhenTheDeviceIs() throws Exception {
        HostTools.run("losetup", "--detach", device);
        attach("--read-only");
        var refused = assertThrows(StorageException.class,
            () -> stage.call("bdev_uring_create", "name", "Dev0", "filename", device));
        assertEquals(-Errno.EROFS, refused.code(), refused.getMessage());
        assertTrue(refused.getMessage().contains("open it read-only"), refused.getMessage());
        stage.call("bdev_aio_create", "name", "Dev0", "filename", device, "readonly", true);
        OpenBdev open = stage.open("Dev0", real.reactor());
        Region memory = memory(BLOCK);
        int blocks = BLOCK / open.bdev().blockSize();
        assertEquals(Status.OK, open.move(IoType.READ, 0, blocks, memory));
        assertTrue(open.move(IoType.WRITE, 0, blocks, memory) != Status.OK);
        open.close();
    }
}
