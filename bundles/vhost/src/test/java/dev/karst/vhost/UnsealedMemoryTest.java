package dev.karst.vhost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.bdev.Bdev;
import dev.karst.bdev.lvol.LvolModule;
import dev.karst.bdev.testkit.TestModule;
import dev.karst.env.sim.SimRandom;
import dev.karst.env.unix.Descriptor;
import dev.karst.reactor.Reactor;
import dev.karst.spec.vhostuser.Request;
import dev.karst.spec.virtio.BlkRequest;
import dev.karst.spec.virtio.Feature;
import dev.karst.spec.virtio.ScsiResponse;
import dev.karst.vhost.blk.BlkDevice;
import dev.karst.vhost.master.BlkDriver;
import dev.karst.vhost.master.Guest;
import dev.karst.vhost.master.GuestRing;
import dev.karst.vhost.master.GuestRing.Piece;
import dev.karst.vhost.master.Master;
import dev.karst.vhost.master.Payload;
import dev.karst.vhost.master.ScsiDriver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Guests' memory that may be made shorter, and is while requests run: row V-17 of the table of bad inputs. Their requests fail or never come
 * back, their session ends, all that it had is given back, and other front-ends are served.
 */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class UnsealedMemoryTest {
    private static final String OTHER = "other";
    private static final String HELD = "held";
    private static final Path HUGE_PAGES = Path.of("/proc/sys/vm/nr_hugepages");
    /** Four for a guest, and some that others may have. */
    private static final int PAGES_WANTED = 16;
    private static final int ROUNDS = 40;
    private static final int REQUESTS = 5;
    private static final int SIZE = 32;
    /** In which a reactor surely sees what was said on a socket before. */
    private static final int ROUND_TRIPS = 2_000;

    /** What the memory consists of. */
    enum Pages {
        USUAL, HUGE
    }

    @TempDir
    private Path folder;
    private Bench bench;
    private final TestModule module = new TestModule(new SimRandom(1));
    private Reactor reactor;
    private String pagesBefore;

    @BeforeEach
    void open() throws Exception {
        bench = new Bench(folder, true);
        bench.stage.add(module);
        reactor = bench.stage.reactors().all().getFirst();
        module.create(HELD, 1024, false, true);
        bench.target.createBlk(HELD, HELD, List.of(reactor), new BlkDevice.Options(false, true));
        bench.stage.call("bdev_malloc_create", "name", OTHER, "num_blocks", 1024, "block_size", 512);
        bench.target.createBlk(OTHER, OTHER, List.of(reactor), new BlkDevice.Options(false, true));
    }

    /** Neither waits for anything that is lost: each controller ends, and so does its device. */
    @AfterEach
    void close() throws Exception {
        for (String each : List.of(Bench.CONTROLLER, HELD, OTHER)) {
            bench.target.delete(each);
        }
        bench.stage.call("bdev_malloc_delete", "name", Bench.BDEV);
        bench.close();
        if (pagesBefore != null) {
            Files.writeString(HUGE_PAGES, pagesBefore);
        }
    }

    /** Sees to it that there are pages of this kind. */
    private void need(Pages pages) throws IOException {
        if (pages == Pages.HUGE) {
            assumeTrue(Files.isWritable(HUGE_PAGES) || free() >= PAGES_WANTED, "nobody but root gives the system huge pages");
            if (free() < PAGES_WANTED) {
                pagesBefore = Files.readString(HUGE_PAGES).trim();
                Files.writeString(HUGE_PAGES, String.valueOf(Integer.parseInt(pagesBefore) + PAGES_WANTED));
            }
            assumeTrue(free() >= PAGES_WANTED, "the system has no memory in one piece for huge pages");
        }
    }

    private static int free() throws IOException {
        return Files.readAllLines(Path.of("/proc/meminfo")).stream().filter(line -> line.startsWith("HugePages_Free:"))
            .mapToInt(line -> Integer.parseInt(line.replaceAll("\\D+", ""))).sum();
    }

    /** What is done with a front-end whose memory can be cut short. */
    @FunctionalInterface
    private interface Play {
        void with(Master master, Descriptor memory) throws Exception;
    }

    private void play(String controller, Pages pages, Play play) throws Exception {
        try (var odd = new OddDescriptors(bench.environment, folder)) {
            Descriptor memory = odd.cuttable(pages == Pages.HUGE);
            try (var master = new Master(bench.environment, folder.resolve(controller), new Guest(bench.environment, memory))) {
                play.with(master, memory);
            }
        }
        bench.awaitFree(controller);
        assertServes(OTHER);
    }

    private void assertServes(String controller) throws Exception {
        try (var master = new Master(bench.environment, folder.resolve(controller))) {
            assertEquals(0, new BlkDriver(master.begin(16, 0)).read(0, 4096));
        }
        bench.awaitFree(controller);
    }

    @ParameterizedTest
    @CsvSource({"USUAL, false", "USUAL, true", "HUGE, false", "HUGE, true"})
    void shouldFailRequestsWhenTheirDataIsGone(Pages pages, boolean packed) throws Exception {
        need(pages);
        play(Bench.CONTROLLER, pages, (master, memory) -> {
            var driver = new BlkDriver(master.begin(SIZE, packed ? Feature.RING_PACKED : 0));
            OddDescriptors.cut(memory.number(), Guest.PART_BYTES);
            for (int length : new int[] {512, 4096, 65_536}) {
                assertEquals(BlkRequest.S_IOERR, driver.run(BlkRequest.T_IN, 0, new Piece(Guest.SECOND, length, true)));
                assertEquals(BlkRequest.S_IOERR, driver.run(BlkRequest.T_OUT, 0, new Piece(Guest.SECOND, length, false)));
            }
            assertEquals(BlkRequest.S_OK, driver.read(0, 4096));
        });
        assertServes(Bench.CONTROLLER);
    }

    /** What a thin volume has not allocated it fills with zeros itself. */
    @Test
    void shouldFailReadsOfAThinVolumeWhenTheirDataIsGone() throws Exception {
        bench.stage.add(new LvolModule());
        bench.stage.call("bdev_malloc_create", "name", "Base", "num_blocks", 8 << 20 >> 9, "block_size", 512);
        bench.stage.call("bdev_lvol_create_lvstore", "bdev_name", "Base", "lvs_name", "lvs0", "cluster_sz", 1 << 16);
        bench.stage.call("bdev_lvol_create", "lvol_name", "thin", "size_in_mib", 16, "lvs_name", "lvs0", "thin_provision", true);
        bench.target.delete(Bench.CONTROLLER);
        bench.target.createBlk(Bench.CONTROLLER, "lvs0/thin", List.of(reactor), new BlkDevice.Options(false, true));
        play(Bench.CONTROLLER, Pages.USUAL, (master, memory) -> {
            var driver = new BlkDriver(master.begin(SIZE, 0));
            OddDescriptors.cut(memory.number(), Guest.PART_BYTES);
            for (int i = 0; i < ROUNDS; i++) {
                assertEquals(BlkRequest.S_IOERR, driver.run(BlkRequest.T_IN, 0, new Piece(Guest.SECOND, 4096, true)));
                assertEquals(BlkRequest.S_IOERR, driver.run(BlkRequest.T_OUT, 0, new Piece(Guest.SECOND, 4096, false)));
            }
            assertEquals(BlkRequest.S_OK, driver.read(128, 4096));
        });
        assertServes(Bench.CONTROLLER);
    }

    @ParameterizedTest
    @EnumSource
    void shouldForgetRequestsWhenTheyCannotBeAnswered(Pages pages) throws Exception {
        need(pages);
        play(HELD, pages, (master, memory) -> {
            GuestRing ring = master.begin(SIZE, 0);
            module.holds = true;
            BlkDriver.prepare(master.guest, BlkRequest.T_FLUSH, 0);
            for (int i = 0; i < REQUESTS; i++) {
                ring.add(new Piece(BlkDriver.HEADER, BlkRequest.BYTES, false), new Piece(Guest.SECOND + i, 1, true));
            }
            ring.kick();
            bench.awaitOn(reactor, () -> module.held.size() == REQUESTS);
            OddDescriptors.cut(memory.number(), Guest.PART_BYTES);
            bench.stage.on(reactor, module::release);
            assertTrue(ring.error.within(Master.WAIT_MS), "the ring goes on");
        });
        assertServes(HELD);
    }

    /** The queue stops, and the device goes, while the request is there. */
    @Test
    void shouldLetTheDeviceGoWhenItsLastRequestCannotBeAnswered() throws Exception {
        play(HELD, Pages.USUAL, (master, memory) -> {
            GuestRing ring = master.begin(SIZE, 0);
            Bdev device = bench.stage.layer().find(HELD).orElseThrow();
            module.holds = true;
            module.stubborn = true;
            BlkDriver.prepare(master.guest, BlkRequest.T_FLUSH, 0);
            ring.add(new Piece(BlkDriver.HEADER, BlkRequest.BYTES, false), new Piece(Guest.SECOND, 1, true));
            ring.kick();
            bench.awaitOn(reactor, () -> module.held.size() == 1);
            OddDescriptors.cut(memory.number(), Guest.PART_BYTES);
            var removed = CompletableFuture.runAsync(() -> {
                try {
                    module.remove(HELD);
                } catch (StorageException e) {
                    throw new AssertionError(e);
                }
            });
            master.send(Request.GET_VRING_BASE, new Payload().u32(0).u32(0).bytes());
            for (int i = 0; i < ROUND_TRIPS; i++) {
                bench.stage.on(reactor, () -> { });
            }
            bench.stage.on(reactor, module::release);
            removed.get(Master.WAIT_MS, TimeUnit.MILLISECONDS);
            assertNull(device.claimedBy(), "the controller holds on to it");
        });
    }

    @ParameterizedTest
    @EnumSource
    void shouldEndTheSessionWhenAllMemoryGoesAtAnyMoment(Pages pages) throws Exception {
        need(pages);
        var random = new Random(1);
        for (int round = 0; round < ROUNDS; round++) {
            long features = round % 2 == 0 ? 0 : Feature.RING_PACKED;
            play(Bench.CONTROLLER, pages, (master, memory) -> {
                GuestRing ring = master.begin(SIZE, features);
                BlkDriver.prepare(master.guest, random.nextBoolean() ? BlkRequest.T_IN : BlkRequest.T_OUT, 0);
                for (int i = 0; i < SIZE / 3; i++) {
                    ring.add(new Piece(BlkDriver.HEADER, BlkRequest.BYTES, false),
                        new Piece(BlkDriver.DATA, 1 << 20, Mem.getInt(master.guest.at(BlkDriver.HEADER)) == BlkRequest.T_IN),
                        new Piece(BlkDriver.STATUS + i, 1, true));
                }
                ring.kick();
                for (int spin = random.nextInt(20_000); spin > 0; spin--) {
                    Thread.onSpinWait();
                }
                OddDescriptors.cut(memory.number(), random.nextBoolean() ? 0 : Guest.PART_BYTES / 2);
            });
        }
        assertServes(Bench.CONTROLLER);
    }

    /** The first start of a queue finds nothing where the ring should be. */
    @Test
    void shouldRefuseAQueueWhoseRingIsGone() throws Exception {
        play(Bench.CONTROLLER, Pages.USUAL, (master, memory) -> {
            master.greet(0);
            master.shareMemory();
            GuestRing ring = GuestRing.of(master, 0, SIZE);
            OddDescriptors.cut(memory.number(), 0);
            AssertionError refused = null;
            try {
                master.start(ring);
            } catch (AssertionError e) {
                refused = e;
            }
            assertNotNull(refused, "a queue runs in memory that is not there");
        });
        assertServes(Bench.CONTROLLER);
    }

    @ParameterizedTest
    @EnumSource
    void shouldFailScsiRequestsWhenTheirDataIsGone(Pages pages) throws Exception {
        need(pages);
        bench.serveScsi(0);
        play(Bench.CONTROLLER, pages, (master, memory) -> {
            var driver = new ScsiDriver(master, SIZE, 0);
            driver.ready(0);
            OddDescriptors.cut(memory.number(), Guest.PART_BYTES);
            for (String cdb : List.of("28 00 00 00 00 00 00 00 08 00", "12 00 00 00 60 00", "a0 00 00 00 00 00 00 00 10 00 00 00",
                "5a 00 3f 00 00 00 00 00 ff 00")) {
                assertEquals(ScsiResponse.S_OK, driver.run(ScsiDriver.lun(0, 0), cdb, new Piece(Guest.SECOND, 4096, true)));
                assertEquals(2, driver.status(0), "CHECK CONDITION for " + cdb);
            }
            for (String cdb : List.of("2a 00 00 00 00 00 00 00 08 00", "55 10 00 00 00 00 00 00 18 00")) {
                assertEquals(ScsiResponse.S_OK, driver.run(ScsiDriver.lun(0, 0), cdb, new Piece(Guest.SECOND, 4096, false)));
                assertEquals(2, driver.status(0), "CHECK CONDITION for " + cdb);
            }
            driver.must(0, "28 00 00 00 00 00 00 00 08 00", new Piece(ScsiDriver.DATA, 4096, true));
            // Its response cannot be written.
            driver.prepare(0, ScsiDriver.lun(0, 0), "00 00 00 00 00 00");
            driver.requests.add(new Piece(ScsiDriver.REQUEST, 51, false), new Piece(Guest.SECOND, 108, true));
            driver.requests.kick();
            assertTrue(driver.requests.error.within(Master.WAIT_MS), "the ring goes on");
        });
    }
}
