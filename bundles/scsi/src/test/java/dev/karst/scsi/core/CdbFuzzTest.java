package dev.karst.scsi.core;

import static dev.karst.scsi.core.FakeInitiator.cdb;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.nvmf.testkit.FuzzInput;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.scsi.ScsiNexus.Management;
import dev.karst.scsi.core.FakeInitiator.Answer;
import dev.karst.scsi.core.FakeInitiator.Pending;
import dev.karst.scsi.core.FakeInitiator.Wish;
import dev.karst.spec.scsi.ScsiStatus;
import dev.karst.spec.scsi.SenseKey;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Bytes, read as some commands that come at once, with their parameters and the lengths that an initiator offers; see {@link
 * FuzzedCommands}. Each command ends once, with sense data that can be read; nothing is written but blocks that a command names,
 * nothing but its own memory, and nothing is kept for ever. {@link #fuzzerTestOneInput} is also the entry for a fuzzer that is
 * guided by coverage.
 */
class CdbFuzzTest {
    private static final int INPUTS = 30_000;
    private static final int MOST_COMMANDS = 8;
    /** After so many inputs it is looked for what is kept. */
    private static final int LOOK_EVERY = 64;
    private static final int TARGETS = FuzzedCommands.BLOCKS.length;
    private static final byte[] KEY_1 = {0, 0, 0, 0, 0, 0, 0, 1};
    private static CdbFuzzTest fuzzed;

    /** What can be wrong, to see that it is found. */
    private enum Planted { NOTHING, WRITES_ELSEWHERE, WRITES_BEHIND, SENSE_TOO_LONG, SENSE_WITHOUT_FORMAT, ENDS_TWICE, NEVER_ENDS }

    private final Map<String, Integer> ends = new TreeMap<>();
    private Planted planted = Planted.NOTHING;
    private SimWorld world;
    private Stage stage;
    private FakeInitiator one;
    private FuzzedCommands commands;
    private int regions;
    private int inputs;
    /** The commands of the input. */
    private final List<Wish> wishes = new ArrayList<>();

    /** One input. All inputs of a process share a device. */
    public static void fuzzerTestOneInput(byte[] input) throws Exception {
        if (fuzzed == null) {
            fuzzed = new CdbFuzzTest();
            fuzzed.begin(new SimWorld(1, 1));
        }
        fuzzed.hold(input);
    }

    private void begin(SimWorld made) throws Exception {
        world = made;
        stage = new Stage(made);
        for (int lun = 0; lun < TARGETS; lun++) {
            stage.module.create("Disk" + lun, FuzzedCommands.BLOCKS[lun], lun == 1, lun == 0);
            stage.device.addUnit(lun, "Disk" + lun);
        }
        one = stage.initiator("iqn.host:0");
        ready();
        List<byte[]> names = new ArrayList<>();
        for (int lun = 0; lun < TARGETS; lun++) {
            names.add(CopyTest.identification(one, lun));
        }
        commands = new FuzzedCommands(usages(), names);
        stage.module.watcher = (device, io) -> {
            int lun = device.charAt(4) - '0';
            assertTrue(!io.type.writes() || wishes.stream().anyMatch(wish ->
                FuzzedCommands.mayWrite(wish, lun, io.offsetBlocks, io.blocks)),
                () -> io.type + " of " + io.offsetBlocks + "+" + io.blocks + " on " + device + " that nobody asked for");
        };
        regions = made.environment().memory().regions().size();
    }

    private void ready() throws Exception {
        for (int lun = 0; lun < TARGETS; lun++) {
            one.ready(lun);
        }
    }

    /** By operation: which bits of its CDB mean something, as the device says. */
    private List<byte[]> usages() throws Exception {
        List<byte[]> usages = new ArrayList<>();
        byte[] all = one.execute("a3 0c 00 00 00 00 00 00 20 00 00 00", 8192).data();
        for (int at = 4; at < all.length; at += 8) {
            int way = (all[at + 5] & 1) == 0 ? 1 : 2;
            byte[] one = this.one.execute(
                String.format("a3 0c %02x %02x %02x %02x 00 00 02 00 00 00", way, all[at], all[at + 2], all[at + 3]), 512).data();
            usages.add(Arrays.copyOfRange(one, 4, 4 + one[3]));
        }
        return usages;
    }

    private void hold(byte[] input) throws Exception {
        FuzzInput choices = new FuzzInput(input);
        wishes.clear();
        stage.module.seen.clear();
        while (choices.hasMore() && wishes.size() < MOST_COMMANDS) {
            wishes.add(commands.next(choices));
        }
        List<Pending> pending = new ArrayList<>();
        for (Wish wish : wishes) {
            pending.add(one.begin(altered(wish)));
        }
        for (int i = 0; i < pending.size(); i++) {
            Answer answer = world.get(pending.get(i).answer);
            if (answer == null) {
                assertTrue(wishes.stream().anyMatch(wish -> opcode(wish) == FuzzedCommands.RESERVE_OUT), "aborted by nobody");
            } else {
                read(answer, wishes.get(i));
            }
        }
        if (planted == Planted.ENDS_TWICE && !pending.isEmpty()) {
            world.on(one.reactor, pending.getFirst().task::respond);
        }
        clean();
        if (++inputs % LOOK_EVERY == 0) {
            look();
        }
    }

    private static int opcode(Wish wish) {
        return wish.cdb[0] & 0xff;
    }

    /** The command as it is sent. */
    private Wish altered(Wish wish) {
        stage.module.holds = planted == Planted.NEVER_ENDS;
        stage.module.stubborn = stage.module.holds;
        if (planted == Planted.WRITES_ELSEWHERE && opcode(wish) == 0x2a) {
            Wish other = new Wish(wish.cdb.clone()).at(wish.lun).sending(wish.sent);
            other.cdb[5]++;
            return other;
        } else if (planted == Planted.WRITES_BEHIND && wish.room > 1) {
            one.plantedStray = 1;
        }
        return wish;
    }

    private void read(Answer answer, Wish wish) {
        byte[] sense = answer.sense();
        if (planted == Planted.SENSE_TOO_LONG && sense.length > 0) {
            sense[7]++;
        } else if (planted == Planted.SENSE_WITHOUT_FORMAT && sense.length > 0) {
            sense[0] = 0;
        }
        ends.merge(answer.text(), 1, Integer::sum);
        assertTrue(answer.wanted() >= answer.data().length, "more than was wanted");
        if (answer.status() == ScsiStatus.CHECK_CONDITION) {
            assertEquals(0, answer.data().length, "data with sense data");
            assertTrue(answer.key() > 0 && answer.key() <= SenseKey.MISCOMPARE, answer::text);
            if (answer.key() != SenseKey.NOT_READY) {
                readSense(ByteBuffer.wrap(sense), wish);
            }
        } else {
            assertEquals(0, sense.length, "sense data without a reason");
            assertTrue(List.of(ScsiStatus.GOOD, ScsiStatus.RESERVATION_CONFLICT).contains(answer.status()), answer::text);
        }
    }

    /** Sense data in either format, by its own lengths. SPC-4, 4.5. */
    private static void readSense(ByteBuffer sense, Wish wish) {
        if (sense.get(0) == 0x72) {
            assertEquals(sense.capacity() - 8, sense.get(7), "ADDITIONAL SENSE LENGTH");
            int at = 8;
            while (at < sense.capacity()) {
                if (sense.get(at) == 2) {
                    readField(sense.get(at + 4), sense.getShort(at + 5), wish);
                }
                at += 2 + sense.get(at + 1);
            }
            assertEquals(sense.capacity(), at, "the last descriptor");
            return;
        }
        assertEquals(0x70, sense.get(0) & 0x7f, "RESPONSE CODE");
        assertEquals(18, sense.capacity(), "bytes of sense data");
        assertEquals(10, sense.get(7), "ADDITIONAL SENSE LENGTH");
        if (sense.get(15) != 0) {
            readField(sense.get(15), sense.getShort(16), wish);
        }
    }

    /** A field pointer points into the CDB or into what was sent. */
    private static void readField(int flags, int at, Wish wish) {
        assertNotEquals(0, flags & 0x80, "SKSV");
        assertTrue(at >= 0 && at < ((flags & 0x40) != 0 ? 16 : wish.sent.length), "FIELD POINTER " + at);
    }

    /** Takes back what commands set, so that the next input finds the device as it was. */
    private void clean() throws Exception {
        stage.module.holds = false;
        one.plantedStray = 0;
        // A SANITIZE goes on when its command was aborted.
        world.until(() -> ((Device) stage.device).logicalUnits().stream().noneMatch(unit -> unit.sanitizer.isRefusing()));
        boolean reserves = wishes.stream().anyMatch(wish -> List.of(FuzzedCommands.RESERVE_OUT, 0x16, 0x56).contains(opcode(wish)));
        boolean selects = wishes.stream().anyMatch(wish -> List.of(0x15, 0x55).contains(opcode(wish)));
        for (int lun = 0; lun < TARGETS && (reserves || selects); lun++) {
            one.ready(lun);
            assertEquals(0, world.get(one.manage(Management.LOGICAL_UNIT_RESET, lun, null)), "a reset");
            one.ready(lun);
            if (reserves) {
                byte[] list = Arrays.copyOf(new byte[8], 24);
                System.arraycopy(KEY_1, 0, list, 8, 8);
                assertTrue(one.execute(cdb("5f 06 00 00 00 00 00 00 18 00").to(lun).sending(list)).isGood(), "registered");
                assertTrue(one.execute(cdb("5f 03 00 00 00 00 00 00 18 00").to(lun).sending(Arrays.copyOf(KEY_1, 24))).isGood());
            }
        }
    }

    /** No buffer is gone, no memory more, and nobody is registered. */
    private void look() throws Exception {
        assertEquals(regions, world.environment().memory().regions().size(), "regions of memory");
        wishes.clear();
        List<Pending> pending = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            Wish wish = cdb("8b 00 00 00 00 00 00 00 00 00 00 00 00 01 00 00").to(2).sending(new byte[512]);
            wishes.add(wish);
            pending.add(one.begin(wish));
        }
        for (Pending each : pending) {
            assertEquals("status 00", world.get(each.answer).text());
        }
        assertEquals("0000", HexFormat.of().formatHex(one.execute("5e 00 00 00 00 00 00 00 ff 00", 255).data(), 6, 8));
        assertEquals(0, stage.module.inFlight, "I/Os in flight");
    }

    private static CdbFuzzTest play(int count, Planted planted) throws Exception {
        try (SimWorld world = new SimWorld(1, 1)) {
            var test = new CdbFuzzTest();
            test.begin(world);
            test.planted = planted;
            SplittableRandom random = new SplittableRandom(1);
            for (int i = 0; i < count; i++) {
                byte[] input = new byte[20 + random.nextInt(120)];
                random.nextBytes(input);
                test.hold(input);
            }
            test.one.close();
            test.stage.close();
            return test;
        }
    }

    @Test
    void shouldEndEachCommandOnceAndWriteNothingElseWhateverIsSent() throws Exception {
        Map<String, Integer> ends = play(INPUTS, Planted.NOTHING).ends;
        for (String end : List.of("status 00", "status 18", "5/20/00", "5/21/00", "5/24/00", "5/25/00", "5/26/00", "5/1A/00", "7/27/00",
            "A/0D/02", "B/0C/0D", "E/1D/00")) {
            assertTrue(ends.getOrDefault(end, 0) > INPUTS / 2000, () -> "too few of " + end + ": " + ends);
        }
    }

    @Test
    void shouldFindEachBugWhenItIsPlanted() {
        List<Planted> unnoticed = Arrays.stream(Planted.values())
            .filter(planted -> planted != Planted.NOTHING && !isFound(planted)).toList();
        assertEquals(List.of(), unnoticed);
    }

    private static boolean isFound(Planted planted) {
        try {
            play(300, planted);
            return false;
        } catch (Exception | AssertionError e) {
            return true;
        }
    }
}
