package dev.karst.vhost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Mem;
import dev.karst.env.unix.Descriptor;
import dev.karst.spec.vhostuser.Request;
import dev.karst.spec.virtio.BlkRequest;
import dev.karst.spec.virtio.Feature;
import dev.karst.vhost.master.BlkDriver;
import dev.karst.vhost.master.Guest;
import dev.karst.vhost.master.GuestRing;
import dev.karst.vhost.master.GuestRing.Piece;
import dev.karst.vhost.master.GuestRing.Used;
import dev.karst.vhost.master.Master;
import dev.karst.vhost.master.Payload;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Front-ends that come back, change the memory and log writes beside requests in flight: V-16 and V-25 of the table of bad input. */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class LiveChangesTest {
    private static final int ROUNDS = 200;
    private static final int SIZE = 64;
    private static final int IN_FLIGHT = 16;
    private static final int PAGE_SHIFT = 12;
    private static final int PAGE_BYTES = 1 << PAGE_SHIFT;
    private static final long SECTORS = PAGE_BYTES / BlkRequest.SECTOR_BYTES;
    private static final long LOG_BYTES = 1 << 18;

    @TempDir
    private Path folder;
    private Bench bench;

    @BeforeEach
    void open() throws Exception {
        bench = new Bench(folder, false);
    }

    @AfterEach
    void close() {
        bench.close();
    }

    /** Where the data of the n-th request lie. */
    private static long data(int n) {
        return BlkDriver.DATA + (long) n * PAGE_BYTES;
    }

    /** Makes the n-th request available, of the n-th page of the device. */
    private static int add(Guest guest, GuestRing ring, int n, boolean write) {
        long header = BlkDriver.HEADER + n * 16L;
        BlkRequest.TYPE.set(guest.at(header), write ? BlkRequest.T_OUT : BlkRequest.T_IN);
        BlkRequest.RESERVED.set(guest.at(header), 0);
        BlkRequest.SECTOR.set(guest.at(header), n * SECTORS);
        Mem.setByte(guest.at(BlkDriver.STATUS + n), (byte) BlkDriver.NO_STATUS);
        return ring.add(new Piece(header, BlkRequest.BYTES, false), new Piece(data(n), PAGE_BYTES, !write),
            new Piece(BlkDriver.STATUS + n, 1, true));
    }

    private static Set<Integer> addAll(Guest guest, GuestRing ring, boolean write) {
        Set<Integer> ids = new HashSet<>();
        for (int n = 0; n < IN_FLIGHT; n++) {
            ids.add(add(guest, ring, n, write));
        }
        ring.kick();
        return ids;
    }

    /** Waits until each of these has come back, once. */
    private static void awaitAll(Guest guest, GuestRing ring, Set<Integer> ids) {
        while (!ids.isEmpty()) {
            Used used = ring.await(Master.WAIT_MS);
            assertNotNull(used, "these do not come back: " + ids);
            assertEquals(true, ids.remove(used.id()), "comes back twice, or never went: " + used);
        }
        assertNull(ring.poll());
        for (int n = 0; n < IN_FLIGHT; n++) {
            assertEquals(BlkRequest.S_OK, Mem.getU8(guest.at(BlkDriver.STATUS + n)));
        }
    }

    @Test
    void shouldEndEachRequestOnceWhenTheFrontEndIsKilledAndComesBack() throws Exception {
        Master master = bench.master();
        Guest guest = master.guest;
        master.greet(0);
        master.shareMemory();
        Descriptor inflight = master.keepInflight(SIZE);
        GuestRing ring = GuestRing.of(master, 0, SIZE);
        master.start(ring);
        for (int round = 0; round < ROUNDS; round++) {
            guest.fill(BlkDriver.DATA, (long) IN_FLIGHT * PAGE_BYTES, round + 1);
            Set<Integer> ids = addAll(guest, ring, round % 2 == 0);
            master.leave();
            bench.awaitFree();
            master = bench.master(guest);
            master.greet(0);
            master.shareMemory();
            master.shareInflight(inflight, SIZE);
            // As QEMU does, which could not ask.
            ring.base = Mem.getU16(guest.at(ring.device) + 2);
            master.start(ring);
            awaitAll(guest, ring, ids);
            int expected = round % 2 == 0 ? round + 1 : round;
            for (int n = 0; n < IN_FLIGHT; n++) {
                assertEquals((byte) expected, Mem.getByte(guest.at(data(n))), "in the data of request " + n);
            }
        }
        inflight.close();
        master.close();
    }

    /** What the target before it had put back and not told must not wait for the next request. */
    @Test
    void shouldTellTheDriverWhenAQueueStartsAndWhenRequestsEnd() throws Exception {
        try (Master master = bench.master()) {
            GuestRing ring = master.begin(SIZE, 0);
            assertTrue(ring.call.within(Master.WAIT_MS), "the driver does not look at the ring again");
            awaitAll(master.guest, ring, addAll(master.guest, ring, false));
            assertTrue(ring.call.within(Master.WAIT_MS), "the driver does not hear of its requests");
            // Enabled again: the queue starts anew.
            assertEquals(0, master.tell(Request.SET_VRING_ENABLE, new Payload().u32(0).u32(0)));
            ring.call.within(0);
            assertEquals(0, master.tell(Request.SET_VRING_ENABLE, new Payload().u32(0).u32(1)));
            assertTrue(ring.call.within(Master.WAIT_MS), "the driver does not look at the ring again");
        }
    }

    @Test
    void shouldEndEachRequestWhenTheMemoryIsChangedMeanwhile() throws Exception {
        try (Master master = bench.master()) {
            GuestRing ring = master.begin(SIZE, 0);
            Guest.Part second = master.guest.parts.getLast();
            Payload region = new Payload().u64(0);
            second.addTo(region);
            for (int round = 0; round < ROUNDS; round++) {
                Set<Integer> ids = addAll(master.guest, ring, round % 2 == 0);
                switch (round % 3) {
                    case 0 -> master.shareMemory();
                    case 1 -> assertEquals(0, master.tell(Request.REM_MEM_REG, region));
                    default -> assertEquals(0, master.tell(Request.ADD_MEM_REG, region, master.guest.descriptor()));
                }
                awaitAll(master.guest, ring, ids);
            }
            assertEquals(1, master.tell(Request.REM_MEM_REG, new Payload().u64(0).u64(1).u64(2).u64(3).u64(4)));
            awaitAll(master.guest, ring, addAll(master.guest, ring, true));
        }
    }

    /** What is refused changes nothing. */
    @Test
    void shouldServeQueuesAsBeforeWhenAMessageIsRefused() throws Exception {
        try (Master master = bench.master()) {
            GuestRing ring = master.begin(SIZE, 0);
            int file = master.guest.descriptor();
            Payload first = new Payload().u64(0);
            master.guest.parts.getFirst().addTo(first);
            Payload second = new Payload().u32(1).u32(0);
            master.guest.parts.getLast().addTo(second);
            awaitAll(master.guest, ring, addAll(master.guest, ring, true));
            assertRefused(master, ring, Request.SET_INFLIGHT_FD, new Payload().u64(64).u64(0).u32(1 | SIZE << Short.SIZE), file);
            assertRefused(master, ring, Request.SET_VRING_ADDR,
                new Payload().u32(0).u32(0).u64(master.guest.user(ring.descriptors)).u64(1).u64(1).u64(0));
            assertRefused(master, ring, Request.SET_VRING_KICK, new Payload().u64(0), file);
            assertRefused(master, ring, Request.SET_VRING_CALL, new Payload().u64(0), file);
            assertRefused(master, ring, Request.SET_VRING_NUM, new Payload().u32(0).u32(3));
            assertRefused(master, ring, Request.SET_FEATURES, new Payload().u64(0));
            assertRefused(master, ring, Request.SET_MEM_TABLE, second, file);
            assertRefused(master, ring, Request.REM_MEM_REG, first);
        }
    }

    /** One that lies outside of the memory is before the other; as soon as it can be started, it is. */
    @Test
    void shouldServeOneQueueWhenAnotherCannotBeStarted() throws Exception {
        try (Master master = bench.master()) {
            master.greet(0);
            master.shareMemory();
            assertEquals(0, master.tell(Request.SET_VRING_ADDR, new Payload().u32(0).u32(0).u64(1).u64(1).u64(1).u64(0)));
            assertEquals(0, master.tell(Request.SET_VRING_KICK, new Payload().u64(0x100)));
            assertEquals(0, master.tell(Request.SET_VRING_ENABLE, new Payload().u32(0).u32(1)));
            assertEquals(1, master.tell(Request.SET_VRING_NUM, new Payload().u32(0).u32(SIZE)));
            GuestRing ring = GuestRing.of(master, 1, SIZE);
            master.start(ring);
            awaitAll(master.guest, ring, addAll(master.guest, ring, true));
            Payload region = new Payload().u64(0);
            master.guest.parts.getLast().addTo(region);
            assertEquals(1, master.tell(Request.REM_MEM_REG, region));
            awaitAll(master.guest, ring, addAll(master.guest, ring, true));
        }
    }

    private static void assertRefused(Master master, GuestRing ring, int request, Payload payload, int... descriptors) throws Exception {
        Set<Integer> before = addAll(master.guest, ring, false);
        assertEquals(1, master.tell(request, payload, descriptors), "request " + request);
        awaitAll(master.guest, ring, before);
        awaitAll(master.guest, ring, addAll(master.guest, ring, true));
    }

    @Test
    void shouldLogThePagesThatWereWrittenAndNoOthersWhenMigrationRuns() throws Exception {
        Descriptor log = bench.environment.unixSockets().createMemory("log", LOG_BYTES);
        long bits = log.map(0, LOG_BYTES);
        try (Master master = bench.master()) {
            master.greet(Feature.LOG_ALL);
            master.shareMemory();
            byte[] answer = master.ask(Request.SET_LOG_BASE, new Payload().u64(LOG_BYTES).u64(0).bytes(), log.number());
            assertEquals(0, Payload.get(answer, 0, Long.BYTES));
            GuestRing ring = GuestRing.of(master, 0, SIZE);
            master.start(ring);
            // The ring's own writes are logged too from now on, at the guest's address of them.
            Guest guest = master.guest;
            assertEquals(0, master.tell(Request.SET_VRING_ADDR, new Payload().u32(0).u32(1).u64(guest.user(ring.descriptors))
                .u64(guest.user(ring.device)).u64(guest.user(ring.driver)).u64(ring.device)));
            awaitAll(guest, ring, addAll(guest, ring, false));
            Set<Long> expected = new TreeSet<>(Set.of(BlkDriver.STATUS >> PAGE_SHIFT, ring.device >> PAGE_SHIFT));
            for (int n = 0; n < IN_FLIGHT; n++) {
                expected.add(data(n) >> PAGE_SHIFT);
            }
            assertEquals(expected, pages(bits));
            Mem.fill(bits, LOG_BYTES, (byte) 0);
            awaitAll(guest, ring, addAll(guest, ring, true));
            assertEquals(Set.of(BlkDriver.STATUS >> PAGE_SHIFT, ring.device >> PAGE_SHIFT), pages(bits));
        } finally {
            bench.environment.unixSockets().unmap(bits, LOG_BYTES);
            log.close();
        }
    }

    private static Set<Long> pages(long bits) {
        Set<Long> pages = new TreeSet<>();
        for (long page = 0; page < LOG_BYTES * Byte.SIZE; page++) {
            if ((Mem.getU8(bits + page / Byte.SIZE) >> page % Byte.SIZE & 1) != 0) {
                pages.add(page);
            }
        }
        return pages;
    }
}
