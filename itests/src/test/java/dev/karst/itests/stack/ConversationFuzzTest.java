package dev.karst.itests.stack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.bdev.malloc.MallocModule;
import dev.karst.nvmf.testkit.Bytes;
import dev.karst.nvmf.testkit.FuzzInput;
import dev.karst.nvmf.testkit.NvmeTcpHost;
import dev.karst.reactor.sim.SimWorld;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Bytes, read as a conversation: which PDUs are sent on a connection of the whole path, and what is wrong with them. After each the
 * process lives, all that was held is back, and a neighbour reads what it wrote. {@link #fuzzerTestOneInput} is also the entry for
 * a fuzzer that is guided by coverage.
 */
class ConversationFuzzTest {
    private static final int WORLDS = 8;
    private static final int CONVERSATIONS = Integer.getInteger("karst.fuzz.conversations", 60);
    private static final int INPUTS_JUDGED_TOGETHER = 16;
    private static final String TALKER = Served.HOST + "-talker";
    private static final int[] OPCODES = {0, 1, 2, 5, 8, 9, 0x0c, 6, 0x0a, 0x18, 0x7f, 0x0d, 0x11, 0x15, 0x19};

    private static void converse(Served stack, FuzzInput input) throws IOException {
        int begin = input.next();
        try (NvmeTcpHost admin = stack.host(); NvmeTcpHost host = stack.host()) {
            if ((begin & 3) != 0) {
                host.initialize((begin & 4) != 0, (begin & 8) != 0);
            }
            if ((begin & 2) != 0) {
                admin.initialize(false, false);
                admin.connect(Served.SUBSYSTEM, TALKER, 0, 32);
                admin.enable();
                host.controllerId(admin.controllerId());
                host.connect(Served.SUBSYSTEM, TALKER, (begin & 16) != 0 ? 1 : 0, 2 + input.small(30));
            }
            while (input.hasMore()) {
                host.send(spoilt(pdu(host, input), input));
            }
            host.closesWithin(50);
        } catch (IOException e) {
            // The target closed, or had nothing to say: what else would it.
        }
    }

    private static Bytes pdu(NvmeTcpHost host, FuzzInput input) {
        byte[] data = new byte[input.small(4) == 0 ? input.small(9) * 512 : 0];
        return switch (input.small(6)) {
            case 0 -> NvmeTcpHost.icReq(input.small(4));
            case 1 -> host.hostData(input.small(8), input.small(8), input.small(3) * 512, data, input.small(2) == 0);
            case 2 -> new Bytes(new byte[] {(byte) input.next(), 0, 24, 0, (byte) input.next(), 0, 0, 0});
            default -> host.capsule(command(input, data.length), data);
        };
    }

    private static Bytes command(FuzzInput input, int dataLength) {
        int length = dataLength > 0 ? dataLength : input.small(12) * 512;
        Bytes sqe = NvmeTcpHost.sqe(OPCODES[input.small(OPCODES.length)], input.small(3), length, dataLength > 0);
        sqe.set(2, 2, input.small(8)).set(40, 4, input.next()).set(48, 4, input.small(16));
        for (int changes = input.small(3); changes > 0; changes--) {
            sqe.set(input.small(64), 1, input.next());
        }
        return sqe;
    }

    /** Sometimes a byte of the PDU is another, or its end is missing. */
    private static Bytes spoilt(Bytes pdu, FuzzInput input) {
        int how = input.small(8);
        if (how == 0) {
            pdu.set(input.next() % Math.min(pdu.length(), 128), 1, input.next());
        } else if (how == 1) {
            return new Bytes(pdu.part(0, input.next() % pdu.length()));
        }
        return pdu;
    }

    /** A stack with two namespaces, of which the second is the neighbour's: nobody else sees it. */
    private static final class Bystander implements AutoCloseable {
        private final SimStack stack;
        private final NvmeTcpHost admin;
        private final NvmeTcpHost healthy;
        private final SplittableRandom random;
        private final byte[] data = new byte[4096];
        private Map<String, Long> before;
        private int block;

        Bystander(SimWorld world, Bug bug) throws Exception {
            random = new SplittableRandom(world.seed());
            stack = new SimStack(world, List.of(new MallocModule()), bug);
            stack.serveMemory("ram", 4096);
            stack.call("bdev_malloc_create", Map.of("name", "neighbour", "block_size", 512L, "num_blocks", 4096L));
            stack.call("nvmf_subsystem_add_ns", Map.of("nqn", Served.SUBSYSTEM,
                "namespace", Map.of("bdev_name", "neighbour", "no_auto_visible", true)));
            stack.call("nvmf_ns_add_host", Map.of("nqn", Served.SUBSYSTEM, "nsid", 2L, "host", Served.HOST));
            admin = stack.admin();
            healthy = stack.io(admin, 1, true, true);
        }

        /** The neighbour writes what it will want to read again. */
        void prepare() throws Exception {
            block = (block + 8) % 4096;
            random.nextBytes(data);
            Served.expectSuccess(healthy.write(2, block, 8, data, block % 16 == 0));
            before = before == null ? stack.holdings() : before;
        }

        /** Fails when something that was said since has done harm. */
        void judge() throws Exception {
            assertArrayEquals(data, healthy.read(2, block, 8, data.length).data());
            Served.expectSuccess(admin.execute(NvmeTcpHost.sqe(0x18, 0, 0, false), new byte[0], false));
            stack.awaitHoldings(before);
            assertEquals(0, stack.statistic("failures"), "connections ended by a bug");
        }

        @Override
        public void close() {
            stack.close();
        }
    }

    private static Bystander fuzzed;
    private static final List<byte[]> UNJUDGED = new ArrayList<>();

    /**
     * One input. All inputs of a process are played on one stack, and harm is looked for after each sixteenth: looking takes longer
     * than an input. What is found names the inputs that may have done it.
     */
    public static void fuzzerTestOneInput(byte[] input) throws Exception {
        if (fuzzed == null) {
            fuzzed = new Bystander(new SimWorld(1, 2), Bug.NONE);
        }
        if (UNJUDGED.isEmpty()) {
            fuzzed.prepare();
        }
        UNJUDGED.add(input);
        try {
            converse(fuzzed.stack, new FuzzInput(input));
            if (UNJUDGED.size() == INPUTS_JUDGED_TOGETHER) {
                fuzzed.judge();
                UNJUDGED.clear();
            }
        } catch (Exception | AssertionError e) {
            throw new AssertionError("after " + UNJUDGED.stream().map(HexFormat.of()::formatHex).toList(), e);
        }
    }

    private static void play(SimWorld world, Bug bug, int conversations) throws Exception {
        SplittableRandom random = new SplittableRandom(world.seed());
        try (Bystander bystander = new Bystander(world, bug)) {
            for (int i = 0; i < conversations; i++) {
                byte[] input = new byte[20 + random.nextInt(200)];
                random.nextBytes(input);
                bystander.prepare();
                converse(bystander.stack, new FuzzInput(input));
                bystander.judge();
            }
            assertTrue(bystander.stack.statistic("fatal_errors") > 0, "no conversation went wrong");
        }
    }

    @Test
    void shouldLiveAndLeaveNothingBehindWhateverIsSaid() {
        SimWorld.run(1, WORLDS, world -> play(world, Bug.NONE, CONVERSATIONS));
    }

    @Test
    void shouldFindBugsThatArePlanted() {
        for (Bug bug : List.of(Bug.NEVER_ANSWERED, Bug.QUEUE_LEAKED, Bug.ANSWERED_TWICE, Bug.WRONG_BLOCK)) {
            assertTrue(isFound(bug), bug + " is not found");
        }
    }

    private static boolean isFound(Bug bug) {
        try (var world = new SimWorld(1, 2)) {
            play(world, bug, 100);
            return false;
        } catch (Exception | AssertionError e) {
            return true;
        }
    }
}
