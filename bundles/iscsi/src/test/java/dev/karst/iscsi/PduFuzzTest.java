package dev.karst.iscsi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.iscsi.session.Group;
import dev.karst.nvmf.testkit.FuzzInput;
import dev.karst.reactor.sim.SimWorld;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Bytes, read as what an initiator sends in its full feature phase: requests of all kinds, data that was asked for or not, and PDUs that
 * there are not. Whatever comes, nothing throws, the device's contract is kept ({@link FakeDevices}), all that a connection had comes
 * back, and another initiator is served. {@link #fuzzerTestOneInput} is also the entry for a fuzzer that is guided by coverage.
 */
class PduFuzzTest {
    private static final int INPUTS = 600;
    private static final int[] OPCODES = {0x00, 0x01, 0x02, 0x04, 0x05, 0x06, 0x40, 0x41, 0x42, 0x44, 0x46, 0x10, 0x43, 0x1c, 0x3f};
    private static final int[] CDBS = {0x00, 0x28, 0x2a, 0xff};
    private static Bench fuzzed;

    /** One input. All inputs of a process share a target. */
    public static void fuzzerTestOneInput(byte[] input) throws Exception {
        if (fuzzed == null) {
            fuzzed = new Bench(new SimWorld(1, 1));
        }
        hold(fuzzed, input);
    }

    private static void hold(Bench bench, byte[] input) throws Exception {
        FuzzInput choices = new FuzzInput(input);
        try (Initiator initiator = bench.initiator()) {
            boolean unsolicited = choices.small(2) == 1;
            initiator.loginTo(Bench.NODE, "InitialR2T=" + (unsolicited ? "No" : "Yes"), "MaxBurstLength=2048", "MaxOutstandingR2T=2",
                "FirstBurstLength=1024", choices.small(2) == 1 ? "DataDigest=CRC32C" : "DataDigest=None");
            while (choices.hasMore()) {
                send(initiator, choices);
            }
            bench.world.runFor(2);
        } catch (IOException e) {
            assertTrue(true, "the target has closed");
        }
        bench.world.until(() -> bench.devices.open.isEmpty() && bench.target.sessions().all().isEmpty());
        assertEquals(0L, count(bench, "failures"), "something threw");
    }

    private static void send(Initiator initiator, FuzzInput choices) throws IOException {
        int opcode = OPCODES[choices.small(OPCODES.length)];
        boolean ofCommand = (opcode & 0x3f) != 0x05 && (opcode & 0x40) == 0;
        Pdu pdu = Pdu.of(opcode).set(1, 1, choices.next()).set(16, 4, choices.small(4)).set(20, 4, choices.small(3) * 512L)
            .set(24, 4, initiator.cmdSn + choices.small(8) / 7 - (ofCommand ? 0 : 1)).set(32, 1, CDBS[choices.small(CDBS.length)])
            .set(37, 1, choices.small(8)).set(40, 1, choices.small(5));
        if ((opcode & 0x3f) == 0x05) {
            pdu.set(20, 4, choices.small(2) == 0 ? Pdu.NONE : choices.small(3) << 16 | choices.small(3))
                .set(36, 4, choices.small(3)).set(40, 4, choices.small(4) * 512L);
        }
        int length = choices.small(5) * 512 / (1 + choices.small(3));
        initiator.send(length == 0 ? pdu : pdu.data(new byte[length]));
        initiator.cmdSn += ofCommand ? 1 : 0;
    }

    private static long count(Bench bench, String name) {
        Map<String, Long> sums = new LinkedHashMap<>();
        for (Group group : bench.target.groups()) {
            group.counters().addTo(sums);
        }
        return sums.get(name);
    }

    @Test
    void shouldGoOnWhateverIsSent() throws Exception {
        try (SimWorld world = new SimWorld(1, 1)) {
            Bench bench = new Bench(world);
            SplittableRandom random = new SplittableRandom(1);
            for (int i = 0; i < INPUTS; i++) {
                byte[] input = new byte[10 + random.nextInt(200)];
                random.nextBytes(input);
                hold(bench, input);
            }
            for (String seen : new String[] {"rejects", "ignored", "digest_errors"}) {
                assertTrue(count(bench, seen) >= (seen.equals("digest_errors") ? 0 : INPUTS / 10), seen + ": " + count(bench, seen));
            }
            try (Initiator other = bench.initiator()) {
                other.loginTo(Bench.NODE);
                other.read(0, 4096);
            }
            bench.end();
        }
    }
}
