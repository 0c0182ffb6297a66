package dev.karst.nvme.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Mem;
import dev.karst.env.Region;
import dev.karst.nvme.testkit.controller.Traits;
import dev.karst.nvme.testkit.media.Settings;
import dev.karst.spec.nvme.IdentifyController;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Opcode;
import dev.karst.spec.nvme.Property;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Each fault is seen by a host as it is meant. */
class FaultsTest {
    private static Bench bench(Consumer<SimNvme> fault) throws Exception {
        var bench = Bench.ready(31, new Traits(), Settings.plain(512));
        fault.accept(bench.nvme);
        return bench;
    }

    /** The completions that a flush brings. */
    private static List<HandHost.Completion> flush(Bench bench) {
        bench.host.submit(bench.host.io, bench.host.range(Opcode.NVM_FLUSH, null, 0, 0, 1));
        bench.host.ring(bench.host.io);
        bench.host.until(() -> false);
        List<HandHost.Completion> found = new ArrayList<>(bench.host.completions);
        bench.host.completions.clear();
        return found;
    }

    @Test
    void shouldAnswerTwiceOrForNobodyWhenItLies() throws Exception {
        try (var bench = bench(nvme -> nvme.faults().duplicateOneIn = 1)) {
            List<HandHost.Completion> found = flush(bench);
            assertEquals(2, found.size());
            assertEquals(found.get(0).cid(), found.get(1).cid());
            assertTrue(bench.nvme.faults().lies());
            bench.nvme.faults().turnAllOff();
            assertFalse(bench.nvme.faults().lies());
            bench.nvme.faults().unknownCidOneIn = 1;
            List<HandHost.Completion> invented = flush(bench);
            assertEquals(2, invented.size());
            assertTrue(invented.get(0).cid() != invented.get(1).cid());
        }
    }

    @Test
    void shouldHideCompletionsOrNameAWrongHeadWhenItLies() throws Exception {
        try (var bench = bench(nvme -> nvme.faults().headOutOfRangeOneIn = 1)) {
            assertTrue(flush(bench).getFirst().head() >= HandHost.ENTRIES);
            bench.nvme.faults().phaseStuckOneIn = 1;
            assertEquals(List.of(), flush(bench));
        }
    }

    @Test
    void shouldStopUntilItIsResetWhenItBreaksDown() throws Exception {
        try (var bench = bench(nvme -> nvme.faults().fatalOneIn = 1)) {
            assertEquals(List.of(), flush(bench));
            assertEquals(Property.CSTS_CFS | Property.CSTS_RDY, Mem.getInt(bench.host.registers + Property.CSTS));
            bench.nvme.faults().turnAllOff();
            assertTrue(bench.host.disable() && bench.host.enable());
            bench.host.createIo();
            assertEquals(1, flush(bench).size());
        }
    }

    @Test
    void shouldNeverBecomeReadyOrNeverStopWhenToldTo() throws Exception {
        try (var bench = bench(nvme -> nvme.faults().neverDisabled = true)) {
            assertFalse(bench.host.disable());
            bench.host.device.reset();
            assertEquals(0, Mem.getInt(bench.host.registers + Property.CSTS));
            bench.nvme.faults().neverReady = true;
            assertFalse(bench.host.enable());
        }
    }

    @Test
    void shouldWriteLateCompletionsAfterAResetWhenItLies() throws Exception {
        try (var bench = bench(nvme -> {
            nvme.faults().lateAfterReset = true;
            nvme.faults().stuckOneIn = 1;
        })) {
            Region ring = bench.host.io.completions;
            assertEquals(List.of(), flush(bench));
            assertTrue(bench.host.disable());
            bench.host.until(() -> false);
            assertTrue(Mem.getLong(ring.address() + 8) != 0);
        }
    }

    @Test
    void shouldSayNoiseOrAnotherLimitWhenItLies() throws Exception {
        try (var bench = bench(nvme -> nvme.faults().maxTransfer = 255)) {
            Region page = bench.host.memory(4096);
            HandHost.expectOk(bench.host.admin(Opcode.ADMIN_IDENTIFY, 0, page, 4096, 1, 0));
            assertEquals(255, IdentifyController.MDTS.get(page.address()));
            bench.nvme.faults().noise = true;
            HandHost.expectOk(bench.host.admin(Opcode.ADMIN_IDENTIFY, 0, page, 4096, 1, 0));
            assertTrue(!"SIM1".equals(IdentifyController.SN.get(page.address())));
        }
    }

    @Test
    void shouldFailOrBeLateWhenToldTo() throws Exception {
        try (var bench = bench(nvme -> nvme.faults().errorOneIn = 1)) {
            Region data = bench.host.memory(4096);
            assertEquals(NvmeStatus.COMMAND_INTERRUPTED, bench.host.io(Opcode.NVM_READ, data, 512, 0, 1).status());
            bench.nvme.faults().turnAllOff();
            bench.nvme.faults().lateOneIn = 1;
            long before = bench.environment.clock().nanos();
            HandHost.expectOk(bench.host.io(Opcode.NVM_READ, data, 512, 0, 1));
            assertTrue(bench.environment.clock().nanos() - before >= bench.nvme.faults().lateNanos);
            bench.nvme.faults().stuckOneIn = 1;
            assertNull(bench.host.io(Opcode.NVM_READ, data, 512, 0, 1));
        }
    }
}
