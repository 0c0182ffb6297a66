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
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** On the machine itself: real files, the kernel's ring, and a disk that is full. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "env.linux needs Linux")
class FileOnLinuxTest {
    @TempDir
    private Path folder;

    private void create(BdevStage stage, Path file, int mebibytes) throws StorageException {
        stage.call("bdev_uring_create", "name", "Real0", "filename", file.toString(), "create_size_mib", mebibytes,
            "block_size", 4096);
    }

    @Test
    void shouldGiveWhatWasWrittenWhenIoIsRandom() throws Exception {
        try (var real = new RealStage()) {
            BdevStage stage = real.stage();
            stage.add(new FileModule());
            create(stage, folder.resolve("random.img"), 4);
            OpenBdev open = stage.open("Real0", real.reactor());
            Region memory = stage.environment().memory().allocate("test", RandomIo.bytesNeeded(4096, 16));
            var model = new Model(0, 1024, 4096, false);
            // Pieces of whole pages, for direct I/O.
            IoMix mix = new IoMix(16, 3000, 4096, false, status -> false, number -> { });
            var io = new RandomIo(open.channel(), model, 1, memory, mix);
            stage.on(real.reactor(), io::start);
            stage.until(io::isDone);
            open.close();
        }
    }

    @Test
    void shouldHoldDataWhenFileIsOpenedAgain() throws Exception {
        Path file = folder.resolve("kept.img");
        write(file, 0x0123456789ABCDEFL);
        try (var real = new RealStage()) {
            BdevStage stage = real.stage();
            stage.add(new FileModule());
            stage.call("bdev_aio_create", "name", "Real0", "filename", file.toString(), "readonly", true);
            OpenBdev open = stage.open("Real0", real.reactor());
            Region memory = stage.environment().memory().allocate("test", 65536);
            int blocks = 65536 / open.bdev().blockSize();
            assertEquals(Status.OK, open.move(IoType.READ, blocks, blocks, memory));
            assertEquals(0x0123456789ABCDEFL, Mem.getLong(memory.address() + 65528));
            open.close();
        }
    }

    private void write(Path file, long word) throws StorageException {
        try (var real = new RealStage()) {
            BdevStage stage = real.stage();
            stage.add(new FileModule());
            create(stage, file, 1);
            OpenBdev open = stage.open("Real0", real.reactor());
            Region memory = stage.environment().memory().allocate("test", 65536);
            Mem.setLong(memory.address() + 65528, word);
            assertEquals(Status.OK, open.move(IoType.WRITE, 16, 16, memory));
            assertEquals(Status.OK, open.run(new Probe().wants(IoType.FLUSH, 0, open.bdev().blocks())));
            open.close();
        }
    }

    @Test
    void shouldRefuseWhenTheSameFileIsNamedThroughALink() throws Exception {
        Path file = folder.resolve("linked.img");
        Path link = Files.createSymbolicLink(folder.resolve("link.img"), file);
        try (var real = new RealStage()) {
            BdevStage stage = real.stage();
            stage.add(new FileModule());
            create(stage, file, 1);
            var refused = assertThrows(StorageException.class,
                () -> stage.call("bdev_aio_create", "name", "b", "filename", link.toString()));
            assertEquals(-Errno.EBUSY, refused.code(), refused.getMessage());
        }
    }

    @Test
    void shouldFailOnlyTheWritesWhenDiskIsFull() throws Exception {
        Path small = Files.createDirectory(folder.resolve("small"));
        assumeTrue(HostTools.run("mount", "-t", "tmpfs", "-o", "size=1m", "karst-test", small.toString()),
            "mounting a small tmpfs needs root");
        try (var real = new RealStage()) {
            BdevStage stage = real.stage();
            stage.add(new FileModule());
            create(stage, small.resolve("full.img"), 4);
            OpenBdev open = stage.open("Real0", real.reactor());
            Region memory = stage.environment().memory().allocate("test", 65536);
            int status = Status.OK;
            long at = 0;
            for (; status == Status.OK && at < 1024; at += 16) {
                status = open.move(IoType.WRITE, at, 16, memory);
            }
            assertEquals(Status.errno(Errno.ENOSPC), status);
            assertTrue(at > 16, "nothing could be written");
            assertEquals(Status.OK, open.move(IoType.WRITE, 0, 16, memory));
            assertEquals(Status.OK, open.run(new Probe().wants(IoType.UNMAP, 0, at)));
            assertEquals(Status.OK, open.move(IoType.WRITE, 512, 16, memory));
            open.close();
        } finally {
            HostTools.run("umount", "-l", small.toString());
        }
    }

    /** The edges of a range need not be those of the file system's blocks. */
    @Test
    void shouldGiveSpaceBackAndKeepTheNeighboursWhenUnmapped() throws Exception {
        Path file = folder.resolve("punched.img");
        try (var real = new RealStage()) {
            BdevStage stage = real.stage();
            stage.add(new FileModule());
            stage.call("bdev_aio_create", "name", "Real0", "filename", file.toString(), "create_size_mib", 4);
            OpenBdev open = stage.open("Real0", real.reactor());
            assumeTrue(open.bdev().supports(IoType.UNMAP), "this file system cannot punch");
            int blockSize = open.bdev().blockSize();
            int blocks = (1 << 20) / blockSize;
            Region memory = stage.environment().memory().allocate("test", 1 << 20);
            Mem.fill(memory.address(), 1 << 20, (byte) 0x33);
            assertEquals(Status.OK, open.move(IoType.WRITE, 0, blocks, memory));
            assertEquals(Status.OK, open.run(new Probe().wants(IoType.FLUSH, 0, open.bdev().blocks())));
            long before = HostTools.allocatedBytes(file);
            assertEquals(Status.OK, open.run(new Probe().wants(IoType.UNMAP, 3, blocks - 6)));
            assertEquals(Status.OK, open.run(new Probe().wants(IoType.FLUSH, 0, open.bdev().blocks())));
            assertEquals(Status.OK, open.move(IoType.READ, 0, blocks, memory));
            for (long at = 0; at < 1 << 20; at += 8) {
                boolean kept = at < 3L * blockSize || at >= (blocks - 3L) * blockSize;
                assertEquals(kept ? 0x3333333333333333L : 0, Mem.getLong(memory.address() + at), "byte " + at);
            }
            assertTrue(HostTools.allocatedBytes(file) < before / 2, "no space was given back");
            open.close();
        }
    }

    @Test
    void shouldHaveTheNewSizeWhenTheFileIsResized() throws Exception {
        Path file = folder.resolve("sized.img");
        try (var real = new RealStage()) {
            BdevStage stage = real.stage();
            stage.add(new FileModule());
            create(stage, file, 1);
            OpenBdev open = stage.open("Real0", real.reactor());
            Region memory = stage.environment().memory().allocate("test", 65536);
            stage.call("karst_bdev_file_resize", "name", "Real0", "size_mib", 2);
            assertEquals(2 << 20, Files.size(file));
            stage.until(() -> open.resizedTo() == 512);
            assertEquals(Status.OK, open.move(IoType.WRITE, 511, 1, memory));
            stage.call("karst_bdev_file_resize", "name", "Real0", "size_mib", 1, "force", true);
            assertEquals(1 << 20, Files.size(file));
            assertEquals(Status.OUT_OF_RANGE, open.move(IoType.READ, 511, 1, memory));
            open.close();
        }
    }

}
