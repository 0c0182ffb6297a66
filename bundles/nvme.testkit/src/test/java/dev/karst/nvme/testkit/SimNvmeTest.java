package dev.karst.nvme.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Mem;
import dev.karst.env.Region;
import dev.karst.env.sim.SimRandom;
import dev.karst.nvme.testkit.controller.Traits;
import dev.karst.nvme.testkit.media.Settings;
import dev.karst.spec.nvme.IdentifyController;
import dev.karst.spec.nvme.IdentifyNamespace;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Opcode;
import dev.karst.spec.nvme.Property;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The life of a simulated controller, and of commands in it. */
class SimNvmeTest {
    private static final Settings PLAIN = Settings.plain(512);
    private static final int SEEDS = 40;

    @Test
    void shouldSayWhatItIsWhenItIsIdentified() throws Exception {
        try (var bench = new Bench(1, new Traits(), PLAIN)) {
            assertTrue(bench.host.enable());
            Region page = bench.host.memory(4096);
            HandHost.expectOk(bench.host.admin(Opcode.ADMIN_IDENTIFY, 0, page, 4096, 1, 0));
            assertEquals("SIM1", IdentifyController.SN.get(page.address()));
            assertEquals(1, IdentifyController.CNTLID.get(page.address()));
            HandHost.expectOk(bench.host.admin(Opcode.ADMIN_IDENTIFY, 1, page, 4096, 0, 0));
            assertEquals(4096, IdentifyNamespace.NSZE.get(page.address()));
            HandHost.expectOk(bench.host.admin(Opcode.ADMIN_IDENTIFY, 0, page, 4096, 2, 0));
            assertEquals(1, Mem.getLong(page.address()));
            var unknown = bench.host.admin(Opcode.ADMIN_IDENTIFY, 7, page, 4096, 0, 0);
            assertEquals(NvmeStatus.INVALID_NAMESPACE_OR_FORMAT | NvmeStatus.DNR, unknown.status());
            bench.assertClean();
        }
    }

    @Test
    void shouldReadWhatWasWrittenWhateverTheControllerIsLike() throws Exception {
        for (int seed = 0; seed < SEEDS; seed++) {
            Traits traits = Traits.any(new SimRandom(seed));
            traits.queueEntries = Math.max(traits.queueEntries, HandHost.ENTRIES);
            traits.vectors = 2;
            try (var bench = Bench.ready(seed, traits, PLAIN)) {
                int most = traits.maxTransfer == 0 ? 64 << 10 : 4096 << traits.maxTransfer;
                int bytes = 512 * (1 + bench.random.below(most / 512));
                long slba = bench.random.below(1024);
                Region written = bench.noise(bytes + 2 * HandHost.PAGE);
                Region read = bench.host.memory(bytes + 2 * HandHost.PAGE);
                HandHost.expectOk(bench.host.io(Opcode.NVM_WRITE, written, bytes, slba, bytes / 512));
                HandHost.expectOk(bench.host.io(Opcode.NVM_READ, read, bytes, slba, bytes / 512));
                assertArrayEquals(Bench.bytes(written, bytes), Bench.bytes(read, bytes));
                bench.assertClean();
            }
        }
    }

    @Test
    void shouldAnswerEachCommandOnceAndInAnyOrderWhenManyAreInFlight() throws Exception {
        boolean reordered = false;
        for (int seed = 0; seed < SEEDS; seed++) {
            try (var bench = Bench.ready(seed, new Traits(), PLAIN)) {
                Set<Integer> open = new HashSet<>();
                for (int round = 0; round < 20; round++) {
                    for (int i = 0; i < HandHost.ENTRIES - 1; i++) {
                        open.add(bench.host.submit(bench.host.io, bench.host.range(Opcode.NVM_FLUSH, null, 0, 0, 1)));
                    }
                    bench.host.ring(bench.host.io);
                    bench.host.until(() -> bench.host.completions.size() == HandHost.ENTRIES - 1);
                    List<Integer> order = new ArrayList<>();
                    bench.host.completions.forEach(answer -> order.add(answer.cid()));
                    reordered |= !order.equals(order.stream().sorted().toList());
                    assertTrue(open.removeAll(order) && open.isEmpty());
                    bench.host.completions.clear();
                }
                assertEquals(0, bench.nvme.inFlight());
                bench.assertClean();
            }
        }
        assertTrue(reordered);
    }

    @Test
    void shouldForgetWhatWasInFlightAndTouchNothingWhenItIsReset() throws Exception {
        for (int seed = 0; seed < SEEDS; seed++) {
            try (var bench = Bench.ready(seed, new Traits(), PLAIN)) {
                Region data = bench.noise(4096);
                for (int i = 0; i < 10; i++) {
                    bench.host.submit(bench.host.io, bench.host.range(Opcode.NVM_READ, data, 4096, 0, 8));
                }
                bench.host.ring(bench.host.io);
                int enough = bench.random.below(8);
                bench.host.until(() -> bench.host.completions.size() >= enough);
                assertTrue(bench.host.disable());
                bench.environment.memory().free(data);
                bench.host.until(() -> false);
                bench.assertClean();
                assertTrue(bench.host.enable());
                bench.host.createIo();
            }
        }
    }

    @Test
    void shouldFindItWhenAHostGivesMemoryBackTooEarly() throws Exception {
        int found = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            try (var bench = Bench.ready(seed, new Traits(), PLAIN)) {
                Region data = bench.noise(4096);
                bench.host.submit(bench.host.io, bench.host.range(Opcode.NVM_WRITE, data, 4096, 0, 8));
                bench.host.ring(bench.host.io);
                bench.environment.memory().free(data);
                bench.host.until(() -> false);
                found += bench.nvme.memory().faults().isEmpty() ? 0 : 1;
            }
        }
        assertEquals(SEEDS, found);
    }

    @Test
    void shouldReadAllOnesAndDoNothingMoreWhenItIsPulledOut() throws Exception {
        try (var bench = Bench.ready(3, new Traits(), PLAIN)) {
            Region data = bench.noise(4096);
            int cid = bench.host.submit(bench.host.io, bench.host.range(Opcode.NVM_READ, data, 4096, 0, 8));
            bench.host.ring(bench.host.io);
            bench.environment.pci().unplug(bench.nvme);
            assertNull(bench.host.await(bench.host.io, cid));
            assertTrue(bench.host.device.isGone());
            assertEquals(-1, Mem.getInt(bench.host.registers + Property.CSTS));
            assertEquals(0xffff_ffffL, bench.host.device.read(0, Property.CSTS, 4));
            assertEquals(0xffff, bench.host.device.readConfig(0, 2));
            assertEquals(List.of(), bench.environment.pci().functions());
        }
    }

    @Test
    void shouldNoteItWhenADoorbellIsWrongOrQueueEntriesAreNot() throws Exception {
        try (var bench = Bench.ready(5, new Traits(), PLAIN)) {
            Mem.setInt(bench.host.registers + 0x1000 + 8, HandHost.ENTRIES);
            bench.host.until(() -> !bench.nvme.violations().isEmpty());
            Mem.setInt(bench.host.registers + 0x1000 + 8 * 3, 1);
            bench.host.until(() -> bench.nvme.violations().size() == 2);
            assertTrue(bench.nvme.violations().get(1).contains("queue 3"));
        }
    }

    @Test
    void shouldNotBecomeReadyWhenTheAdminQueueIsNowhere() throws Exception {
        try (var bench = new Bench(5, new Traits(), PLAIN)) {
            Mem.setInt(bench.host.registers + Property.CC, 4 << 20 | 6 << 16 | Property.CC_EN);
            assertFalse(bench.host.until(() -> bench.nvme.isRunning()));
            assertEquals(Property.CSTS_CFS, Mem.getInt(bench.host.registers + Property.CSTS));
            assertEquals(1, bench.nvme.violations().size());
        }
    }
}
