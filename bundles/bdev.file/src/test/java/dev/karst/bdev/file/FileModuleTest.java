package dev.karst.bdev.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Errno;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.IoType;
import dev.karst.bdev.testkit.BdevStage;
import dev.karst.bdev.testkit.OpenBdev;
import dev.karst.bdev.testkit.Probe;
import dev.karst.env.Region;
import dev.karst.env.sim.SparseBytes;
import dev.karst.reactor.sim.SimWorld;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class FileModuleTest {
    private static final Path FILE = Path.of("/data/one.img");

    private final SimWorld world = new SimWorld(1, 1);
    private final BdevStage stage = new BdevStage(world);
    private FileModule module;

    @BeforeEach
    void start() {
        module = new FileModule();
        stage.add(module);
    }

    @AfterEach
    void stop() {
        world.close();
    }

    private void put(Path path, long bytes) {
        world.environment().files().put(path, new SparseBytes(bytes));
    }

    private static void assertRefused(int errno, String part, Executable call) {
        var refused = assertThrows(StorageException.class, call);
        assertEquals(-errno, refused.code(), refused.getMessage());
        assertTrue(refused.getMessage().contains(part), refused.getMessage());
        assertEquals(1, refused.getMessage().lines().count());
    }

    private void assertNothingStays() throws StorageException {
        assertTrue(stage.layer().all().isEmpty());
        put(FILE, 1 << 20);
        stage.call("bdev_aio_create", "name", "again", "filename", FILE.toString());
        stage.call("bdev_aio_delete", "name", "again");
    }

    @Test
    void shouldNameFileAndRemedyWhenFileIsMissing() throws Exception {
        assertRefused(Errno.ENOENT, "/data/one.img; create it, or give create_size_mib",
            () -> stage.call("bdev_aio_create", "name", "a", "filename", FILE.toString()));
        assertNothingStays();
    }

    @Test
    void shouldRefuseWhenFileIsNoWholeNumberOfBlocks() throws Exception {
        put(FILE, 5000);
        assertRefused(Errno.EINVAL, "/data/one.img has 5000 bytes, which are not whole blocks of 512",
            () -> stage.call("bdev_aio_create", "name", "a", "filename", FILE.toString()));
        assertNothingStays();
    }

    @Test
    void shouldRefuseWhenFileIsShorterThanABlock() throws Exception {
        put(FILE, 0);
        assertRefused(Errno.EINVAL, "has 0 bytes",
            () -> stage.call("bdev_uring_create", "name", "a", "filename", FILE.toString(), "block_size", 4096));
        assertNothingStays();
    }

    @Test
    void shouldTakeTheCreatedFileAwayWhenDeviceCannotBeMade() throws Exception {
        world.environment().files().alignment(4096);
        assertRefused(Errno.EINVAL, "must be aligned to 4096 bytes",
            () -> stage.call("bdev_aio_create", "name", "a", "filename", FILE.toString(), "block_size", 512,
                "create_size_mib", 1));
        assertFalse(world.environment().files().exists(FILE));
    }

    @Test
    void shouldTakeTheAlignmentAsBlockSizeWhenNoneIsGiven() throws Exception {
        world.environment().files().alignment(4096);
        stage.call("bdev_aio_create", "name", "a", "filename", FILE.toString(), "create_size_mib", 1);
        assertEquals(4096, stage.layer().find("a").orElseThrow().blockSize());
    }

    @Test
    void shouldRefuseWhenFileIsOpenForWritingAlready() throws Exception {
        put(FILE, 1 << 20);
        stage.call("bdev_aio_create", "name", "a", "filename", FILE.toString());
        assertRefused(Errno.EBUSY, "is in use by a",
            () -> stage.call("bdev_aio_create", "name", "b", "filename", "/data/../data/one.img", "readonly", true));
        stage.call("bdev_aio_delete", "name", "a");
        stage.call("bdev_uring_create", "name", "b", "filename", FILE.toString());
    }

    @Test
    void shouldHaveTheSameUuidWhenMadeAnewOnTheSameFile() throws Exception {
        put(FILE, 1 << 20);
        stage.call("bdev_aio_create", "name", "a", "filename", FILE.toString());
        var first = stage.layer().find("a").orElseThrow().uuid();
        stage.call("bdev_aio_delete", "name", "a");
        stage.call("bdev_uring_create", "name", "a", "filename", "/data/../data/one.img");
        assertEquals(first, stage.layer().find("a").orElseThrow().uuid());
    }

    @Test
    void shouldOpenTwiceWhenBothAreReadOnly() throws Exception {
        put(FILE, 1 << 20);
        stage.call("bdev_aio_create", "name", "a", "filename", FILE.toString(), "readonly", true);
        stage.call("bdev_aio_create", "name", "b", "filename", FILE.toString(), "readonly", true);
        stage.call("bdev_aio_delete", "name", "a");
        assertRefused(Errno.EBUSY, "is in use",
            () -> stage.call("bdev_aio_create", "name", "c", "filename", FILE.toString()));
        stage.call("bdev_aio_delete", "name", "b");
        stage.call("bdev_aio_create", "name", "c", "filename", FILE.toString());
    }

    @Test
    void shouldFailWritesWithEnospcWhenDiskIsFull() throws Exception {
        stage.call("bdev_aio_create", "name", "a", "filename", FILE.toString(), "create_size_mib", 1);
        OpenBdev open = stage.open("a", world.reactor(0));
        Region memory = stage.environment().memory().allocate("test", 1 << 16);
        assertEquals(Status.OK, open.move(IoType.WRITE, 0, 8, memory));
        world.faults().diskBytes = 4096;
        assertEquals(Status.errno(Errno.ENOSPC), open.move(IoType.WRITE, 64, 8, memory));
        assertEquals(Status.OK, open.move(IoType.WRITE, 0, 8, memory));
        assertEquals(Status.OK, open.move(IoType.READ, 64, 8, memory));
        world.faults().diskBytes = Long.MAX_VALUE;
        assertEquals(Status.OK, open.move(IoType.WRITE, 64, 8, memory));
        open.close();
    }

    @Test
    void shouldEndAStuckIoWhenItIsAborted() throws Exception {
        stage.call("bdev_aio_create", "name", "a", "filename", FILE.toString(), "create_size_mib", 1);
        OpenBdev open = stage.open("a", world.reactor(0));
        Region memory = stage.environment().memory().allocate("test", 1 << 16);
        world.faults().stuckOneIn = 1;
        Probe stuck = new Probe().wants(IoType.READ, 0, 1).at(memory.address(), 512);
        assertEquals(Status.OK, open.submit(stuck));
        world.runFor(1);
        Probe abort = new Probe().wants(IoType.ABORT, 0, 0);
        abort.victim = stuck;
        assertEquals(Status.OK, open.run(abort));
        stage.until(stuck::hasEnded);
        assertEquals(Status.ABORTED, stuck.status());
        open.close();
    }

    @Test
    void shouldTellTheNewSizeWhenFileHasGrown() throws Exception {
        put(FILE, 1 << 20);
        stage.call("bdev_aio_create", "name", "a", "filename", FILE.toString());
        OpenBdev open = stage.open("a", world.reactor(0));
        world.environment().files().content(FILE).write((2 << 20) - 1, new byte[1], 0, 1);
        assertEquals(true, stage.call("bdev_aio_rescan", "name", "a"));
        stage.until(() -> open.resizedTo() == 4096);
        Region memory = stage.environment().memory().allocate("test", 1 << 16);
        assertEquals(Status.OK, open.move(IoType.READ, 4095, 1, memory));
        open.close();
    }

    @Test
    void shouldNotBeFoundWhenDeletedUnderTheOtherName() throws Exception {
        stage.call("bdev_aio_create", "name", "a", "filename", FILE.toString(), "create_size_mib", 1);
        assertRefused(Errno.ENODEV, "bdev_uring_create made", () -> stage.call("bdev_uring_delete", "name", "a"));
        assertRefused(Errno.ENODEV, "bdev_uring_create made", () -> stage.call("bdev_uring_rescan", "name", "a"));
    }

    @Test
    void shouldNotRepeatTheMakingOfTheFileWhenRecorded() throws Exception {
        stage.call("bdev_aio_create", "name", "a", "filename", FILE.toString(), "create_size_mib", 1);
        Map<String, Object> recorded = stage.front().calls().getFirst().parameters();
        assertEquals(Set.of("name", "filename", "uuid"), recorded.keySet());
    }

    @Test
    void shouldResolveAgainstTheDataFolderWhenRelative() throws Exception {
        String before = System.setProperty("karst.data", "/data");
        try {
            put(FILE, 1 << 20);
            stage.call("bdev_aio_create", "name", "a", "filename", "one.img");
        } finally {
            if (before == null) {
                System.clearProperty("karst.data");
            } else {
                System.setProperty("karst.data", before);
            }
        }
    }

    @Test
    void shouldRefuseWritesWhenReadOnly() throws Exception {
        put(FILE, 1 << 20);
        stage.call("bdev_aio_create", "name", "a", "filename", FILE.toString(), "readonly", true);
        OpenBdev open = stage.open("a", world.reactor(0));
        Region memory = stage.environment().memory().allocate("test", 1 << 16);
        assertTrue(open.move(IoType.WRITE, 0, 1, memory) != Status.OK);
        assertEquals(Status.OK, open.move(IoType.READ, 0, 1, memory));
        assertEquals(Status.OK, open.run(new Probe().wants(IoType.FLUSH, 0, open.bdev().blocks())));
        open.close();
    }
}
