package dev.karst.vhost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.bdev.testkit.TestModule;
import dev.karst.env.sim.SimRandom;
import dev.karst.spec.scsi.ScsiStatus;
import dev.karst.spec.virtio.Feature;
import dev.karst.spec.virtio.ScsiResponse;
import dev.karst.spec.virtio.ScsiTaskRequest;
import dev.karst.vhost.master.GuestRing.Piece;
import dev.karst.vhost.master.Master;
import dev.karst.vhost.master.ScsiDriver;
import dev.karst.vhost.scsi.ScsiHost;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A virtio-scsi host over real sockets and memory, driven queue by queue. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ScsiHostTest {
    private static final int BLOCK = 512;
    private static final long NO_WAIT_MS = 200;
    private static final long ALL = Feature.RING_INDIRECT_DESC | Feature.RING_EVENT_IDX;
    private static final String READ_8 = "28 00 00 00 00 00 00 00 08 00";
    private static final String WRITE_8 = "2a 00 00 00 00 00 00 00 08 00";

    @TempDir
    private Path folder;
    private Bench bench;
    private ScsiHost host;
    private Master master;
    private ScsiDriver driver;

    @BeforeEach
    void open() throws Exception {
        bench = new Bench(folder, false);
        host = bench.serveScsi(3);
        master = bench.master();
        driver = new ScsiDriver(master, 256, ALL);
        driver.ready(3);
    }

    @AfterEach
    void close() {
        master.close();
        bench.close();
    }

    private static long unit(int target) {
        return ScsiDriver.lun(target, 0);
    }

    @Test
    void shouldReadWhatWasWrittenWhenGuestPagesAreScattered() throws Exception {
        List<Piece> out = new ArrayList<>();
        List<Piece> in = new ArrayList<>();
        for (int i = 0; i < 126; i++) {
            long at = ScsiDriver.DATA + i * 8192L;
            master.guest.fill(at, BLOCK, i + 1);
            out.add(new Piece(at, BLOCK, false));
            in.add(new Piece(at + 4096, BLOCK, true));
        }
        driver.must(3, "2a 00 00 00 00 07 00 00 7e 00", out.toArray(Piece[]::new));
        assertEquals(0, driver.residual(0));
        driver.must(3, "28 00 00 00 00 07 00 00 7e 00", in.toArray(Piece[]::new));
        for (int i = 0; i < 126; i++) {
            long at = master.guest.at(ScsiDriver.DATA + i * 8192L + 4096);
            assertEquals(i + 1, Mem.getU8(at), "piece " + i);
            assertEquals(i + 1, Mem.getU8(at + BLOCK - 1), "piece " + i);
        }
    }

    @Test
    void shouldSayWhatWasNotMovedWhenBuffersAreLongerOrShorter() {
        driver.must(3, READ_8, new Piece(ScsiDriver.DATA, 9 * BLOCK, true));
        assertEquals(BLOCK, driver.residual(0));
        driver.must(3, "12 00 00 00 24 00", new Piece(ScsiDriver.DATA, 255, true));
        assertEquals(255 - 36, driver.residual(0));
        assertEquals(ScsiResponse.S_OVERRUN, driver.run(unit(3), READ_8, new Piece(ScsiDriver.DATA, 4096 - BLOCK, true)));
        assertEquals(0, driver.residual(0));
        driver.must(3, WRITE_8, new Piece(ScsiDriver.DATA, 9 * BLOCK, false));
        assertEquals(BLOCK, driver.residual(0));
    }

    @Test
    void shouldSendSenseDataWhenCommandFails() {
        assertEquals(ScsiResponse.S_OK, driver.run(unit(3), "28 00 7f ff ff ff 00 00 08 00", new Piece(ScsiDriver.DATA, 4096, true)));
        assertEquals(ScsiStatus.CHECK_CONDITION, driver.status(0));
        assertEquals(0x052100, driver.sense(0));
        assertEquals(4096, driver.residual(0));
        driver.must(3, READ_8, new Piece(ScsiDriver.DATA, 4096, true));
        assertEquals(0, driver.sense(0));
    }

    @Test
    void shouldFindNoTargetWhenThereIsNone() throws Exception {
        for (long lun : new long[] {unit(2), unit(8), unit(255), 0, unit(3) ^ 3L << 56}) {
            assertEquals(ScsiResponse.S_BAD_TARGET, driver.run(lun, READ_8, new Piece(ScsiDriver.DATA, 4096, true)));
            assertEquals(ScsiResponse.S_BAD_TARGET, driver.manage(ScsiTaskRequest.LOGICAL_UNIT_RESET, lun, 0));
        }
        assertEquals(ScsiResponse.S_OK, driver.run(ScsiDriver.lun(3, 1), READ_8, new Piece(ScsiDriver.DATA, 4096, true)));
        assertEquals(0x052500, driver.sense(0));
        assertEquals(ScsiTaskRequest.S_INCORRECT_LUN, driver.manage(ScsiTaskRequest.LOGICAL_UNIT_RESET, ScsiDriver.lun(3, 1), 0));
    }

    @Test
    void shouldTellTheGuestWhenTargetsComeAndGo() throws Exception {
        driver.giveEventBuffer(0, 16);
        driver.giveEventBuffer(1, 16);
        assertNull(driver.event(0, NO_WAIT_MS));
        bench.stage.call("bdev_malloc_create", Map.of("name", "Malloc1", "num_blocks", 2048L, "block_size", 512L));
        assertEquals(0, host.add(-1, "Malloc1"));
        assertEquals("1 0100000000000000 1", driver.event(0, Master.WAIT_MS));
        driver.ready(0);
        driver.must(0, WRITE_8, new Piece(ScsiDriver.DATA, 4096, false));
        host.remove(0);
        assertEquals("1 0100000000000000 2", driver.event(1, Master.WAIT_MS));
        assertEquals(ScsiResponse.S_BAD_TARGET, driver.run(unit(0), READ_8, new Piece(ScsiDriver.DATA, 4096, true)));
        assertNull(bench.stage.layer().find("Malloc1").orElseThrow().claimedBy());
        assertEquals(0, host.add(0, "Malloc1"));
        driver.ready(0);
    }

    @Test
    void shouldRemoveTheTargetWhenItsBlockDeviceGoes() throws Exception {
        driver.giveEventBuffer(0, 16);
        bench.stage.call("bdev_malloc_delete", Map.of("name", Bench.BDEV));
        assertEquals("1 0103000000000000 2", driver.event(0, Master.WAIT_MS));
        assertEquals(ScsiResponse.S_BAD_TARGET, driver.run(unit(3), READ_8, new Piece(ScsiDriver.DATA, 4096, true)));
        while (!host.targets().isEmpty()) {
            Thread.onSpinWait();
        }
    }

    @Test
    void shouldKeepEventsAndSayThatMoreWereMissedWhenThereAreNoBuffers() throws Exception {
        for (int i = 0; i < 40; i++) {
            host.remove(3);
            host.add(3, Bench.BDEV);
        }
        for (int i = 0; i < 64; i++) {
            driver.giveEventBuffer(0, i == 5 ? 15 : 16);
            String expected = i == 5 ? "empty" : (i == 0 ? "80000001" : "1") + " 0103000000000000 " + (i % 2 == (i < 5 ? 0 : 1) ? 2 : 1);
            assertEquals(expected, driver.event(0, Master.WAIT_MS), "event " + i);
        }
        driver.giveEventBuffer(0, 16);
        assertEquals("1 0103000000000000 1", driver.event(0, Master.WAIT_MS));
        driver.giveEventBuffer(0, 16);
        assertNull(driver.event(0, NO_WAIT_MS));
    }

    @Test
    void shouldEndRequestsWhenTaskManagementAsksForIt() throws Exception {
        addSlowTarget();
        for (int function : new int[] {ScsiTaskRequest.ABORT_TASK, ScsiTaskRequest.ABORT_TASK_SET, ScsiTaskRequest.CLEAR_TASK_SET,
            ScsiTaskRequest.LOGICAL_UNIT_RESET, ScsiTaskRequest.I_T_NEXUS_RESET}) {
            beginSlowRead();
            assertEquals(ScsiTaskRequest.S_FUNCTION_COMPLETE, driver.manage(ScsiTaskRequest.QUERY_TASK, unit(1), 2));
            assertEquals(ScsiTaskRequest.S_FUNCTION_SUCCEEDED, driver.manage(ScsiTaskRequest.QUERY_TASK_SET, unit(1), 0));
            assertEquals(ScsiTaskRequest.S_FUNCTION_COMPLETE, driver.manage(function, unit(1), 1), "function " + function);
            assertTrue(driver.requests.poll() != null, "the request has come back before the answer");
            assertEquals(function < 4 ? ScsiResponse.S_ABORTED : ScsiResponse.S_RESET, driver.response(1), "function " + function);
            assertEquals(ScsiTaskRequest.S_FUNCTION_COMPLETE, driver.manage(ScsiTaskRequest.QUERY_TASK_SET, unit(1), 0));
            driver.ready(1);
        }
        assertEquals(ScsiTaskRequest.S_FUNCTION_REJECTED, driver.manage(ScsiTaskRequest.CLEAR_ACA, unit(1), 0));
        assertEquals(ScsiTaskRequest.S_FUNCTION_REJECTED, driver.manage(8, unit(1), 0));
    }

    /** Target 1, whose requests take until the module lets them go. */
    private TestModule addSlowTarget() throws Exception {
        var module = new TestModule(new SimRandom(1));
        bench.stage.add(module);
        module.create("Slow", 4096, false, false);
        module.holds = true;
        host.add(1, "Slow");
        driver.ready(1);
        return module;
    }

    /** Request 1, which target 1 has when this returns. */
    private void beginSlowRead() {
        driver.prepare(1, unit(1), READ_8);
        driver.add(1, new Piece(ScsiDriver.DATA, 4096, true));
        driver.requests.kick();
        while (driver.manage(ScsiTaskRequest.QUERY_TASK, unit(1), 1) != ScsiTaskRequest.S_FUNCTION_SUCCEEDED) {
            Thread.onSpinWait();
        }
    }

    private void release(TestModule module) throws Exception {
        bench.stage.reactors().call(host.home(), _ -> {
            module.release();
            return null;
        });
    }

    @Test
    void shouldTellTheGuestWhenADeviceIsResized() throws Exception {
        TestModule module = addSlowTarget();
        driver.giveEventBuffer(0, 16);
        module.resize("Slow", 2048);
        assertEquals("1 0101000000000000 1", driver.event(0, Master.WAIT_MS));
        driver.giveEventBuffer(0, 16);
        assertEquals("3 0101000000000000 92a", driver.event(0, Master.WAIT_MS));
        assertEquals(ScsiResponse.S_OK, driver.run(unit(1), READ_8, new Piece(ScsiDriver.DATA, 4096, true)));
        assertEquals(0x062a09, driver.sense(0));
    }

    @Test
    void shouldWaitForRequestsInFlightWhenTargetIsRemoved() throws Exception {
        TestModule module = addSlowTarget();
        beginSlowRead();
        var removed = new CompletableFuture<Void>();
        Thread.startVirtualThread(() -> {
            try {
                host.remove(1);
                removed.complete(null);
            } catch (StorageException e) {
                removed.completeExceptionally(e);
            }
        });
        while (driver.manage(ScsiTaskRequest.QUERY_TASK, unit(1), 1) != ScsiResponse.S_BAD_TARGET) {
            Thread.onSpinWait();
        }
        assertFalse(removed.isDone(), "a request is in flight");
        assertNull(driver.requests.poll());
        release(module);
        driver.await();
        assertEquals(ScsiResponse.S_OK, driver.response(1));
        assertEquals(ScsiStatus.GOOD, driver.status(1));
        removed.get(Master.WAIT_MS, TimeUnit.MILLISECONDS);
    }

    @Test
    void shouldServeTheNextFrontEndWhenOneVanishedWithRequestsInFlight() throws Exception {
        TestModule module = addSlowTarget();
        beginSlowRead();
        Thread.startVirtualThread(master::close);
        assertTrue(bench.target.controller(Bench.CONTROLLER).isConnected());
        release(module);
        bench.awaitFree();
        master = bench.master();
        driver = new ScsiDriver(master, 256, ALL);
        driver.ready(1);
        driver.must(1, READ_8, new Piece(ScsiDriver.DATA, 4096, true));
    }
}
