package dev.karst.vhost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Mem;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.testkit.TestModule;
import dev.karst.env.sim.SimRandom;
import dev.karst.env.unix.Descriptor;
import dev.karst.reactor.Reactor;
import dev.karst.spec.virtio.BlkRequest;
import dev.karst.spec.virtio.Feature;
import dev.karst.vhost.blk.BlkDevice;
import dev.karst.vhost.master.BlkDriver;
import dev.karst.vhost.master.Guest;
import dev.karst.vhost.master.GuestRing;
import dev.karst.vhost.master.GuestRing.Piece;
import dev.karst.vhost.master.GuestRing.Used;
import dev.karst.vhost.master.Master;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A target that was killed with requests in flight, V-26 of the table of bad input: it holds them for ever, and another one takes ring and
 * memory over. Its device sees the requests that the driver does not have back, in the order in which they came.
 */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class TakenOverTest {
    private static final int SIZE = 64;
    private static final int REQUESTS = 16;
    private static final int SECTORS = 8;
    /** Which end before the target is killed, of those that it holds, one after the other. */
    private static final int[] ENDED = {3, 7, 0};

    @TempDir
    private Path folder;

    private static void add(Guest guest, GuestRing ring, int n) {
        long header = BlkDriver.HEADER + n * 16L;
        BlkRequest.TYPE.set(guest.at(header), n % 2 == 0 ? BlkRequest.T_OUT : BlkRequest.T_IN);
        BlkRequest.RESERVED.set(guest.at(header), 0);
        BlkRequest.SECTOR.set(guest.at(header), (long) n * SECTORS);
        Mem.setByte(guest.at(BlkDriver.STATUS + n), (byte) BlkDriver.NO_STATUS);
        ring.add(new Piece(header, BlkRequest.BYTES, false), new Piece(BlkDriver.DATA + n * 4096L, SECTORS * 512, n % 2 != 0),
            new Piece(BlkDriver.STATUS + n, 1, true));
    }

    /** Lets the module end the n-th of those that it holds. */
    private static void finish(TestModule module, int n) {
        module.held.addFirst(module.held.remove(n));
        module.finish(Status.OK);
    }

    /** Makes one of each available, in any order. */
    private static void addAll(Guest guest, GuestRing ring, Random random) {
        List<Integer> order = new ArrayList<>(IntStream.range(0, REQUESTS).boxed().toList());
        Collections.shuffle(order, random);
        order.forEach(n -> add(guest, ring, n));
        ring.kick();
    }

    /** Ends all that the module holds but the first so many, in any order. */
    private static void finishAll(Bench bench, Reactor reactor, TestModule module, int kept, Random random) throws StorageException {
        bench.stage.on(reactor, () -> {
            while (module.held.size() > kept) {
                finish(module, kept + random.nextInt(module.held.size() - kept));
            }
        });
    }

    private static void awaitUsed(GuestRing ring, int count) {
        for (int i = 0; i < count; i++) {
            Used used = ring.await(Master.WAIT_MS);
            assertNotNull(used, (count - i) + " of " + count + " do not come back");
        }
        assertNull(ring.poll(), "more come back than there were");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldBeginRequestsAgainInTheirOrderWhenTheTargetWasKilled(boolean packed) throws Exception {
        var module = new TestModule(new SimRandom(1));
        try (Bench bench = new Bench(folder, false)) {
            bench.stage.add(module);
            module.holds = true;
            Reactor reactor = bench.stage.reactors().all().getFirst();
            for (String each : List.of("killed", "next")) {
                module.create("of-" + each, REQUESTS * SECTORS, false, false);
                bench.target.createBlk(each, "of-" + each, List.of(reactor), new BlkDevice.Options(false, true));
            }
            Master killed = new Master(bench.environment, folder.resolve("killed"));
            killed.greet(packed ? Feature.RING_PACKED : 0);
            killed.shareMemory();
            Descriptor inflight = killed.keepInflight(SIZE);
            GuestRing ring = GuestRing.of(killed, 0, SIZE);
            killed.start(ring);
            // Once in disorder, so that the places of later requests do not follow each other.
            addAll(killed.guest, ring, new Random(6));
            awaitSeen(bench, reactor, module, REQUESTS);
            finishAll(bench, reactor, module, 0, new Random(9));
            awaitUsed(ring, REQUESTS);
            addAll(killed.guest, ring, new Random(7));
            List<String> seen = awaitSeen(bench, reactor, module, 2 * REQUESTS);
            List<String> expected = new ArrayList<>(seen.subList(REQUESTS, 2 * REQUESTS));
            for (int n : ENDED) {
                expected.remove(n);
                bench.stage.on(reactor, () -> finish(module, n));
                awaitUsed(ring, 1);
            }
            Master next = new Master(bench.environment, folder.resolve("next"), killed.guest);
            next.greet(packed ? Feature.RING_PACKED : 0);
            next.shareMemory();
            next.shareInflight(inflight, SIZE);
            ring.base = packed ? ring.base : Mem.getU16(killed.guest.at(ring.device) + 2);
            next.start(ring);
            List<String> again = awaitSeen(bench, reactor, module, 2 * REQUESTS + expected.size());
            assertEquals(expected, again.subList(2 * REQUESTS, again.size()));
            finishAll(bench, reactor, module, expected.size(), new Random(8));
            awaitUsed(ring, expected.size());
            for (int n = 0; n < REQUESTS; n++) {
                assertEquals(BlkRequest.S_OK, Mem.getU8(killed.guest.at(BlkDriver.STATUS + n)), "request " + n);
            }
            bench.stage.on(reactor, module::release);
            next.leave();
            killed.close();
            inflight.close();
        }
    }

    /** What the module has seen, once it is so much. */
    private static List<String> awaitSeen(Bench bench, Reactor reactor, TestModule module, int count) throws Exception {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(Master.WAIT_MS);
        List<String> seen = new ArrayList<>();
        while (seen.size() < count && System.nanoTime() < end) {
            seen.clear();
            bench.stage.on(reactor, () -> seen.addAll(module.seen));
        }
        assertTrue(seen.size() >= count, () -> "only these were begun: " + seen);
        return seen;
    }
}
