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
import dev.karst.bdev.testkit.IoMix;
import dev.karst.bdev.testkit.Model;
import dev.karst.bdev.testkit.OpenBdev;
import dev.karst.bdev.testkit.Probe;
import dev.karst.bdev.testkit.RandomIo;
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

    private OpenBdev openOneMib() throws StorageException {
        put(FILE, 1 << 20);
        stage.call("bdev_uring_create", "name", "a", "filename", FILE.toString());
        return stage.open("a", world.reactor(0));
    }

    private long bytes() {
        return world.environment().files().content(FILE).size();
    }

    @Test
    void shouldRefuseWhatLiesBehindTheEndWhenFileHasShrunk() throws Exception {
        OpenBdev open = openOneMib();
        Region memory = stage.environment().memory().allocate("test", 1 << 16);
        world.environment().files().content(FILE).resize(300_000);
        assertEquals(Status.errno(Errno.EIO), open.move(IoType.READ, 1024, 8, memory));
        assertEquals(true, stage.call("bdev_uring_rescan", "name", "a"));
        stage.until(() -> open.resizedTo() == 585);
        assertEquals(Status.OUT_OF_RANGE, open.move(IoType.READ, 585, 1, memory));
        assertEquals(Status.OK, open.move(IoType.WRITE, 584, 1, memory));
        assertEquals(300_000, bytes());
        world.environment().files().content(FILE).resize(1 << 20);
        stage.call("bdev_uring_rescan", "name", "a");
        stage.until(() -> open.resizedTo() == 2048);
        open.close();
    }

    @Test
    void shouldKeepItsSizeWhenFileHasNoBlockLeft() throws Exception {
        OpenBdev open = openOneMib();
        world.environment().files().content(FILE).resize(511);
        assertRefused(Errno.EINVAL, "no whole block left", () -> stage.call("bdev_uring_rescan", "name", "a"));
        assertEquals(2048, open.bdev().blocks());
        open.close();
    }

    @Test
    void shouldMakeTheFileLongerWhenResized() throws Exception {
        OpenBdev open = openOneMib();
        Region memory = stage.environment().memory().allocate("test", 1 << 16);
        assertEquals(true, stage.call("karst_bdev_file_resize", "name", "a", "size_mib", 3));
        assertEquals(3 << 20, bytes());
        stage.until(() -> open.resizedTo() == 6144);
        assertEquals(Status.OK, open.move(IoType.WRITE, 6143, 1, memory));
        open.close();
    }

    @Test
    void shouldLoseNothingWithoutForceWhenResizedToLess() throws Exception {
        put(FILE, 2 << 20);
        stage.call("bdev_aio_create", "name", "a", "filename", FILE.toString());
        assertRefused(Errno.EPERM, "the last 2048 of 4096 blocks would be lost; give force",
            () -> stage.call("karst_bdev_file_resize", "name", "a", "size_mib", 1));
        assertEquals(2 << 20, bytes());
        stage.call("karst_bdev_file_resize", "name", "a", "size_mib", 1, "force", true);
        assertEquals(1 << 20, bytes());
        assertEquals(2048, stage.layer().find("a").orElseThrow().blocks());
    }

    @Test
    void shouldRefuseWhenResizedToNothingOrReadOnlyOrUnknown() throws Exception {
        put(FILE, 1 << 20);
        stage.call("bdev_aio_create", "name", "a", "filename", FILE.toString(), "readonly", true);
        assertRefused(Errno.EINVAL, "0 bytes",
            () -> stage.call("karst_bdev_file_resize", "name", "a", "size_mib", 0, "force", true));
        assertRefused(Errno.EROFS, "one.img",
            () -> stage.call("karst_bdev_file_resize", "name", "a", "size_mib", 2));
        assertRefused(Errno.EFBIG, "size_mib",
            () -> stage.call("karst_bdev_file_resize", "name", "a", "size_mib", Long.MAX_VALUE >> 19));
        assertRefused(Errno.ENODEV, "no block device b",
            () -> stage.call("karst_bdev_file_resize", "name", "b", "size_mib", 1));
        assertEquals(1 << 20, bytes());
    }

    /** What is in flight behind the new end ends first: a write that came later would make the file long again. */
    @Test
    void shouldCutOnlyWhenNothingIsInFlightBehindTheEnd() {
        SimWorld.run(1, 40, 1, other -> {
            var place = new BdevStage(other);
            place.add(new FileModule());
            place.call("bdev_aio_create", "name", "a", "filename", FILE.toString(), "create_size_mib", 2);
            OpenBdev open = place.open("a", other.reactor(0));
            Region memory = place.environment().memory().allocate("test", RandomIo.bytesNeeded(512, 16));
            var model = new Model(0, 4096, 512, false);
            IoMix mix = IoMix.of(16, 3000).tolerating(status -> status == Status.OUT_OF_RANGE);
            var io = new RandomIo(open.channel(), model, other.seed(), memory, mix);
            place.on(open.reactor(), io::start);
            other.runFor(other.random().between(0, 3));
            place.call("karst_bdev_file_resize", "name", "a", "size_mib", 1, "force", true);
            place.until(io::isDone);
            assertEquals(1 << 20, other.environment().files().content(FILE).size());
            open.close();
        });
    }

    @Test
    void shouldKeepItsSizeWhenIoBehindTheEndDoesNotEnd() throws Exception {
        OpenBdev open = openOneMib();
        stage.call("karst_bdev_file_resize", "name", "a", "size_mib", 2);
        Region memory = stage.environment().memory().allocate("test", 1 << 16);
        world.faults().stuckOneIn = 1;
        Probe stuck = new Probe().wants(IoType.WRITE, 4000, 1).at(memory.address(), 512);
        assertEquals(Status.OK, open.submit(stuck));
        world.runFor(1);
        assertRefused(Errno.ETIMEDOUT, "I/O behind the new end",
            () -> stage.call("karst_bdev_file_resize", "name", "a", "size_mib", 1, "force", true));
        world.faults().stuckOneIn = 0;
        assertEquals(2 << 20, bytes());
        assertEquals(4096, open.bdev().blocks());
        assertEquals(Status.OK, open.move(IoType.READ, 4001, 1, memory));
        Probe abort = new Probe().wants(IoType.ABORT, 0, 0);
        abort.victim = stuck;
        assertEquals(Status.OK, open.run(abort));
        stage.until(stuck::hasEnded);
        open.close();
    }

    @Test
    void shouldSayEioWhenTheDiskFails() throws Exception {
        OpenBdev open = openOneMib();
        Region memory = stage.environment().memory().allocate("test", 1 << 16);
        world.faults().ioErrorOneIn = 1;
        assertEquals(Status.errno(Errno.EIO), open.move(IoType.READ, 0, 1, memory));
        assertEquals(Status.errno(Errno.EIO), open.run(new Probe().wants(IoType.UNMAP, 0, 8)));
        assertEquals(Status.errno(Errno.EIO), open.run(new Probe().wants(IoType.FLUSH, 0, 2048)));
        world.faults().ioErrorOneIn = 0;
        assertEquals(Status.OK, open.move(IoType.READ, 0, 1, memory));
        open.close();
    }

    @Test
    void shouldGoWhenAnIoHangs() throws Exception {
        OpenBdev open = openOneMib();
        Region memory = stage.environment().memory().allocate("test", 1 << 16);
        world.faults().stuckOneIn = 1;
        Probe stuck = new Probe().wants(IoType.READ, 0, 1).at(memory.address(), 512);
        assertEquals(Status.OK, open.submit(stuck));
        world.runFor(1);
        stage.call("bdev_uring_delete", "name", "a");
        assertTrue(stuck.hasEnded());
        assertEquals(1, stuck.ends());
        open.close();
        world.faults().stuckOneIn = 0;
        assertNothingStays();
    }

    @Test
    void shouldFindBlocksOfDataAndHolesWhenAsked() throws Exception {
        SparseBytes bytes = new SparseBytes(1 << 20);
        bytes.write(4096 * 5, new byte[] {1}, 0, 1);
        bytes.write(4096 * 9, new byte[] {1}, 0, 1);
        world.environment().files().put(FILE, bytes);
        stage.call("bdev_aio_create", "name", "small", "filename", FILE.toString(), "readonly", true);
        stage.call("bdev_aio_create", "name", "large", "filename", FILE.toString(), "readonly", true, "block_size", 16384);
        OpenBdev small = stage.open("small", world.reactor(0));
        OpenBdev large = stage.open("large", world.reactor(0));
        assertEquals(40, seek(small, IoType.SEEK_DATA, 0, 2048));
        assertEquals(48, seek(small, IoType.SEEK_HOLE, 40, 100));
        assertEquals(3, seek(small, IoType.SEEK_HOLE, 3, 100));
        assertEquals(30, seek(small, IoType.SEEK_DATA, 10, 20), "the end of the range");
        assertEquals(41, seek(small, IoType.SEEK_HOLE, 40, 1));
        assertEquals(1, seek(large, IoType.SEEK_DATA, 0, 64));
        assertEquals(3, seek(large, IoType.SEEK_HOLE, 1, 63), "blocks 1 and 2 begin with a hole, or end with one");
        small.close();
        large.close();
    }

    private static long seek(OpenBdev open, IoType type, long first, long blocks) throws StorageException {
        Probe probe = new Probe().wants(type, first, blocks);
        assertEquals(Status.OK, open.run(probe));
        return probe.result;
    }
}
