package dev.karst.vhost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.karst.base.Mem;
import dev.karst.env.sim.SimRandom;
import dev.karst.spec.vhostuser.Request;
import dev.karst.spec.virtio.BlkRequest;
import dev.karst.spec.virtio.Feature;
import dev.karst.spec.virtio.ScsiTaskRequest;
import dev.karst.vhost.master.BlkDriver;
import dev.karst.vhost.master.Guest;
import dev.karst.vhost.master.GuestRing;
import dev.karst.vhost.master.GuestRing.Piece;
import dev.karst.vhost.master.GuestRing.Used;
import dev.karst.vhost.master.Master;
import dev.karst.vhost.master.MigrationLog;
import dev.karst.vhost.master.Payload;
import dev.karst.vhost.master.ScsiDriver;
import dev.karst.vhost.scsi.ScsiHost;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Guests that migrate: whatever the device writes to their memory is in the dirty log. Rings are so large that what asks for kicks lies in
 * a page of its own.
 */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class MigrationTest {
    private static final long PACKED = Feature.RING_PACKED;
    private static final long EVENTS = Feature.RING_EVENT_IDX;
    private static final int SIZE = 1024;
    private static final int SLOTS = 64;
    private static final int KINDS = 7;
    private static final int ROUNDS = 300;
    private static final long PAGE = 4096;
    private static final long SLOT_BYTES = 2 * PAGE;
    /** More than a request may have. */
    private static final int TOO_MANY = 140;
    /** Time in which an idle queue asks for kicks, many times over. */
    private static final long IDLE_MS = 100;

    @TempDir
    private Path folder;
    private Bench bench;
    private final SimRandom random = new SimRandom(7);

    @BeforeEach
    void open() throws Exception {
        bench = new Bench(folder, false);
    }

    @AfterEach
    void close() {
        bench.close();
    }

    /** Makes a request available, of a kind that the number says, and notes what the driver writes for it. */
    private void add(MigrationLog log, Guest guest, GuestRing ring, int slot, int kind) {
        long header = BlkDriver.HEADER + slot * 16L;
        // In both parts of the guest's memory, and across pages.
        long data = (slot % 2 == 0 ? BlkDriver.DATA : Guest.SECOND) + slot * SLOT_BYTES + random.below((int) PAGE);
        long status = BlkDriver.STATUS + slot * PAGE;
        int type = switch (kind) {
            case 1 -> BlkRequest.T_OUT;
            case 2 -> BlkRequest.T_GET_ID;
            case 3 -> BlkRequest.T_FLUSH;
            case 4 -> 99;
            default -> BlkRequest.T_IN;
        };
        BlkRequest.TYPE.set(guest.at(header), type);
        BlkRequest.RESERVED.set(guest.at(header), 0);
        BlkRequest.SECTOR.set(guest.at(header), kind == 6 ? Bench.BLOCKS : 8L * slot);
        Mem.setByte(guest.at(status), (byte) BlkDriver.NO_STATUS);
        List<Piece> pieces = new ArrayList<>(List.of(new Piece(header, BlkRequest.BYTES, false)));
        switch (kind) {
            case 1 -> {
                guest.fill(data, PAGE, random.below(256));
                log.written(data, PAGE);
                pieces.add(new Piece(data, (int) PAGE, false));
            }
            case 2 -> pieces.add(new Piece(data, BlkRequest.ID_BYTES, true));
            case 3, 4 -> { }
            case 5 -> {
                for (int i = 0; i < TOO_MANY; i++) {
                    pieces.add(new Piece(data + i, 1, true));
                }
            }
            default -> pieces.add(new Piece(data, (int) PAGE, true));
        }
        pieces.add(new Piece(status, 1, true));
        ring.add(pieces.toArray(Piece[]::new));
        log.written(header, BlkRequest.BYTES);
        log.written(status, 1);
        log.written(ring);
    }

    private static void awaitAll(GuestRing ring, int count) {
        for (int i = 0; i < count; i++) {
            assertNotNull(ring.await(Master.WAIT_MS), "request " + i + " of " + count + " does not come back");
        }
    }

    /** The driver's writes are copied before the device sees a request, so that only its log tells of what comes then. */
    @ParameterizedTest
    @ValueSource(longs = {0, EVENTS, PACKED, PACKED | EVENTS})
    void shouldFindAllItWroteInTheLogWhenRequestsOfAllKindsEnd(long features) throws Exception {
        try (Master master = bench.master()) {
            GuestRing ring = master.begin(SIZE, features);
            try (MigrationLog log = new MigrationLog(master)) {
                log.begin(master, List.of(ring));
                enable(master, false);
                for (int kind = 0; kind < KINDS; kind++) {
                    for (int slot = 0; slot < 3; slot++) {
                        add(log, master.guest, ring, 3 * kind + slot, kind);
                    }
                    log.copyWritten();
                    enable(master, true);
                    awaitAll(ring, 3);
                    // Stopped before it is copied: the device may still write what it asks of the driver after the last request.
                    enable(master, false);
                    log.copyWritten();
                    assertEquals(Set.of(), log.different(), "after requests of kind " + kind);
                    enable(master, true);
                    // Now it asks for kicks.
                    Thread.sleep(IDLE_MS);
                    enable(master, false);
                    log.copyWritten();
                    assertEquals(Set.of(), log.different(), "when nothing came after kind " + kind);
                }
            }
        }
    }

    private static void enable(Master master, boolean enabled) throws Exception {
        assertEquals(0, master.tell(Request.SET_VRING_ENABLE, new Payload().u32(0).u32(enabled ? 1 : 0)));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, EVENTS, PACKED, PACKED | EVENTS})
    void shouldFindAllItWroteInTheLogWhenTheGuestIsCopiedBesideItsRequests(long features) throws Exception {
        try (Master master = bench.master()) {
            GuestRing ring = master.begin(SIZE, features);
            try (MigrationLog log = new MigrationLog(master)) {
                var stop = new AtomicBoolean();
                var driver = CompletableFuture.runAsync(() -> drive(log, master.guest, ring, stop));
                for (int i = 0; i < ROUNDS && !driver.isDone(); i++) {
                    if (i % 100 == 0) {
                        log.begin(master, List.of(ring));
                    }
                    log.copyWritten();
                }
                stop.set(true);
                driver.get(Master.WAIT_MS, TimeUnit.MILLISECONDS);
                log.copyWritten();
                // Now it asks for kicks, for which no request comes any more.
                Thread.sleep(IDLE_MS);
                master.stop(0);
                log.copyWritten();
                assertEquals(Set.of(), log.different());
            }
        }
    }

    private void drive(MigrationLog log, Guest guest, GuestRing ring, AtomicBoolean stop) {
        while (!stop.get()) {
            int many = 1 + random.below(5);
            for (int i = 0; i < many; i++) {
                add(log, guest, ring, random.below(SLOTS), random.below(KINDS));
            }
            ring.kick();
            awaitAll(ring, many);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, EVENTS})
    void shouldFindResponsesAndEventsOfScsiInTheLogWhenTheyAreWritten(long features) throws Exception {
        ScsiHost host = bench.serveScsi(3);
        try (Master master = bench.master()) {
            var driver = new ScsiDriver(master, SIZE, features);
            driver.ready(3);
            try (MigrationLog log = new MigrationLog(master)) {
                List<GuestRing> rings = List.of(driver.control, driver.events, driver.requests);
                log.begin(master, rings);
                driver.ready(3);
                long unit = ScsiDriver.lun(3, 0);
                driver.must(3, "28 00 00 00 00 00 00 00 08 00", new Piece(ScsiDriver.DATA, (int) PAGE, true));
                driver.must(3, "12 00 00 00 60 00", new Piece(ScsiDriver.DATA + 3 * PAGE - 8, 0x60, true));
                // Beyond the end, with sense data; no such target; no such function.
                driver.run(unit, "28 00 7f ff ff ff 00 00 08 00", new Piece(ScsiDriver.DATA + 8 * PAGE, (int) PAGE, true));
                driver.run(ScsiDriver.lun(5, 0), "00 00 00 00 00 00");
                driver.manage(ScsiTaskRequest.LOGICAL_UNIT_RESET, unit, 1);
                driver.giveEventBuffer(0, 16);
                host.remove(3);
                assertNotNull(driver.event(0, Master.WAIT_MS));
                Thread.sleep(IDLE_MS);
                for (GuestRing ring : rings) {
                    master.stop(ring.index);
                }
                Set<Long> missing = log.different();
                missing.removeAll(log.noted());
                // What the driver alone writes.
                missing.removeAll(Set.of(ScsiDriver.REQUEST / PAGE, ScsiDriver.CONTROL / PAGE));
                rings.forEach(ring -> missing.removeAll(Set.of(ring.descriptors / PAGE, ring.driver / PAGE)));
                assertEquals(Set.of(), missing);
            }
        }
    }
}
