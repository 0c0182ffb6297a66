package dev.karst.vhost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Mem;
import dev.karst.spec.virtio.BlkRequest;
import dev.karst.vhost.master.BlkDriver;
import dev.karst.vhost.master.Guest;
import dev.karst.vhost.master.GuestRing;
import dev.karst.vhost.master.GuestRing.Piece;
import dev.karst.vhost.master.Master;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Guests that change what the device has looked at already: rows V-10 and V-17 of the table of bad inputs. */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class RacingGuestTest {
    private static final int REQUESTS = 1_000;
    private static final int SHORT_MS = 200;
    private static final long OUTSIDE = 0x8000_0000L;

    @TempDir
    private Path folder;

    private static void assertServes(Bench bench) throws Exception {
        bench.awaitFree();
        try (Master master = bench.master()) {
            assertEquals(0, new BlkDriver(master.begin(16, 0)).read(0, 4096));
        }
    }

    /** Writes now good figures to a descriptor, now bad ones, as fast as it can. */
    private static Thread rewriting(long descriptor, AtomicBoolean until) {
        return Thread.ofPlatform().start(() -> {
            long[] addresses = {BlkDriver.DATA, OUTSIDE, -512, BlkDriver.DATA, Guest.PART_BYTES - 256};
            int[] lengths = {512, -1, 4096, 1 << 20};
            for (int i = 0; !until.get(); i++) {
                Mem.setLong(descriptor, addresses[i % addresses.length]);
                Mem.setInt(descriptor + 8, lengths[i % lengths.length]);
                Mem.setShort(descriptor + 12, (short) (i % 7 == 0 ? 3 : 1));
                Mem.setShort(descriptor + 14, (short) (i % 11 == 0 ? i : 2));
            }
        });
    }

    @Test
    void shouldDoOrRefuseARequestWhenItsDescriptorIsRewrittenMeanwhile() throws Exception {
        try (Bench bench = new Bench(folder, false)) {
            int ended = 0;
            try (Master master = bench.master()) {
                GuestRing ring = master.begin(16, 0);
                for (int i = 0; i < REQUESTS; i++) {
                    if (ring.error.within(0)) {
                        master.stop(0);
                        ring = GuestRing.of(master, 0, 16);
                        master.start(ring);
                    }
                    var until = new AtomicBoolean();
                    BlkDriver.prepare(master.guest, BlkRequest.T_IN, 0);
                    ring.add(new Piece(BlkDriver.HEADER, BlkRequest.BYTES, false), new Piece(BlkDriver.DATA, 512, true),
                        new Piece(BlkDriver.STATUS, 1, true));
                    Thread rewriter = i % 10 == 0 ? rewriting(master.guest.at(ring.descriptors + 16), until) : null;
                    ring.kick();
                    ended += ring.await(SHORT_MS) == null ? 0 : 1;
                    until.set(true);
                    if (rewriter != null) {
                        rewriter.join();
                    }
                }
            }
            assertTrue(ended > 0);
            assertServes(bench);
        }
    }

    @Test
    void shouldBreakThatDeviceAloneWhenMemoryIsCutShort() throws Exception {
        try (Bench bench = new Bench(folder, true); var odd = new OddDescriptors(bench.environment, folder)) {
            var memory = odd.cuttable(false);
            try (Master master = bench.master(new Guest(bench.environment, memory))) {
                GuestRing ring = master.begin(16, 0);
                assertEquals(0, new BlkDriver(ring).read(0, 4096));
                OddDescriptors.cut(memory.number(), 0);
                ring.kick();
                assertTrue(ring.error.within(Master.WAIT_MS), "the ring goes on");
                assertNotNull(bench.target.controller(Bench.CONTROLLER));
            }
            assertServes(bench);
        }
    }
}
