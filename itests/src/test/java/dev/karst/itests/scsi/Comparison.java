package dev.karst.itests.scsi;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Two targets with equal disks that are sent the same, by two initiators each. What one did and the other did not is made alike
 * again, so that one difference does not lead to others.
 */
final class Comparison {
    private static final ScsiCommand TEST_UNIT_READY = ScsiCommand.of("00", new byte[0], 0);
    private static final int UNIT_ATTENTION = 6;
    private static final int INQUIRY = 0x12;
    private static final int PERSISTENT_RESERVE_IN = 0x5e;
    private static final int MOST_ATTENTIONS = 20;
    private static final int PART_BLOCKS = 512;
    /** Operations that leave all as it was, if they are what they say. */
    private static final Set<Integer> HARMLESS = Set.of(0x00, 0x03, 0x08, 0x12, 0x1a, 0x25, 0x28, 0x2f, 0x34, 0x35, 0x37, 0x4d, 0x5a, 0x5e,
        0x84, 0x88, 0x8f, 0x90, 0x91, 0x9e, 0xa0, 0xa3, 0xa8, 0xaf, 0xb7);
    private static final Set<Integer> RESERVING = Set.of(0x16, 0x17, 0x56, 0x57, 0x5f);
    /** READ KEYS and READ RESERVATION. */
    private static final List<ScsiCommand> LOOKS = List.of(
        ScsiCommand.of("5e 00 00 00 00 00 00 00 fc 00", new byte[0], 252), ScsiCommand.of("5e 01 00 00 00 00 00 00 fc 00", new byte[0], 252));
    /** The modes of a disk that nobody has set. */
    private static final byte[] USUAL_MODES = {0, 0, 0, 0, 0x0a, 0x0a, 0x20, 0x10, 0, 0, 0, 0, -1, -1, 0, 0};
    private static final byte[] KEY = {0, 0, 0, 0, 0, 0, 0, 0x77};

    private final List<ScsiHost> theirs;
    private final List<ScsiHost> ours;

    /** Two initiators of each. */
    Comparison(List<ScsiHost> theirs, List<ScsiHost> ours) throws IOException {
        this.theirs = theirs;
        this.ours = ours;
        settle();
    }

    /** Sends a command to both; where it may have changed blocks or who has reserved what, looks at that too. Gives all differences. */
    List<Difference> compareAndLook(ScsiCommand command) throws IOException {
        List<Difference> differences = new ArrayList<>();
        note(compare(command), differences);
        if (RESERVING.contains(command.opcode()) && command.lun() == CdbSequence.DISK) {
            for (ScsiCommand look : LOOKS) {
                note(compare(look.by(command.initiator())), differences);
            }
        }
        look(command, differences);
        return differences;
    }

    /** Looks at the blocks that the command may have changed, if the initiator may read them. */
    private void look(ScsiCommand command, List<Difference> differences) throws IOException {
        for (long[] range : command.ranges()) {
            long end = end(range);
            for (long block = Math.max(0, range[0]); block < end; block += PART_BLOCKS) {
                ScsiCommand reading = reading(block, Math.min(PART_BLOCKS, end - block));
                ScsiAnswer their = theirs.get(command.initiator()).execute(reading);
                ScsiAnswer our = ours.get(command.initiator()).execute(reading);
                if (their.isGood() && our.isGood() && !Arrays.equals(their.data(), our.data())) {
                    differences.add(new Difference("disk", command, their, our));
                    restore(theirs);
                    restore(ours);
                    copyMedium(command);
                    return;
                }
            }
        }
    }

    /** The first block behind a range, on the disk. */
    private static long end(long[] range) {
        return range[0] < 0 || range[0] > CdbSequence.BLOCKS ? 0 : Math.min(CdbSequence.BLOCKS, range[0] + range[1]);
    }

    private static void note(Difference difference, List<Difference> differences) {
        if (difference != null) {
            differences.add(difference);
        }
    }

    /** Sends a command to both; gives the difference of their answers, or null when there is none. */
    Difference compare(ScsiCommand command) throws IOException {
        ScsiAnswer their = theirs.get(command.initiator()).execute(command);
        ScsiAnswer our = ours.get(command.initiator()).execute(command);
        check(command, our);
        String what = difference(command, their, our);
        if (what == null) {
            return null;
        }
        settle();
        if (!HARMLESS.contains(command.opcode()) || their.status() == ScsiAnswer.CLOSED) {
            restore(theirs);
            restore(ours);
            copyMedium(command);
        }
        return new Difference(what, command, their, our);
    }

    private static String difference(ScsiCommand command, ScsiAnswer their, ScsiAnswer our) {
        if (their.status() != our.status() || their.sense() != our.sense()) {
            return "end";
        } else if (their.residual() != our.residual() || their.data().length != our.data().length) {
            return "residual";
        }
        return Arrays.equals(masked(command, their.data()), masked(command, our.data())) ? null : "data";
    }

    /** What holds of Karst's answers whatever the other says: data and residual are as much as was expected. RFC 7143, 11.4.5. */
    private static void check(ScsiCommand command, ScsiAnswer our) {
        long moved = our.data().length + Math.max(0, our.residual());
        assertTrue(our.isGood() || our.data().length == 0, () -> "data with " + our + " of " + command);
        assertTrue(command.expected() == 0 || our.residual() < 0 || moved == command.expected(),
            () -> moved + " bytes in " + our + " of " + command);
    }

    /** Without what tells one target from another: names, numbers, and which standards it knows. */
    private static byte[] masked(ScsiCommand command, byte[] data) {
        if (command.opcode() == PERSISTENT_RESERVE_IN && (command.cdb()[1] & 0x1f) != 2) {
            // Each counts what it was asked for.
            byte[] masked = data.clone();
            Arrays.fill(masked, 0, Math.min(Integer.BYTES, data.length), (byte) 0);
            return masked;
        } else if (command.opcode() != INQUIRY) {
            return data;
        }
        boolean isPage = (command.cdb()[1] & 1) != 0;
        byte[] masked = data.clone();
        if (!isPage && command.cdb()[2] == 0 && masked.length > 8) {
            Arrays.fill(masked, 8, Math.min(36, masked.length), (byte) 0);
        } else if (isPage && (command.cdb()[2] == (byte) 0x80 || command.cdb()[2] == (byte) 0x83) && masked.length > 2) {
            Arrays.fill(masked, 2, masked.length, (byte) 0);
        }
        return masked;
    }

    /** Takes the unit attentions of all. */
    private void settle() throws IOException {
        for (List<ScsiHost> hosts : List.of(theirs, ours)) {
            for (ScsiHost host : hosts) {
                int taken = 0;
                while (isUnsettled(host.execute(TEST_UNIT_READY))) {
                    if (++taken > MOST_ATTENTIONS) {
                        throw new IOException("unit attentions without end");
                    }
                }
            }
        }
    }

    private static boolean isUnsettled(ScsiAnswer answer) {
        return answer.sense() >> 16 == UNIT_ATTENTION || answer.status() == ScsiAnswer.CLOSED;
    }

    /** Gives back reservations and sets modes and state as they were at first. */
    private void restore(List<ScsiHost> hosts) throws IOException {
        byte[] register = new byte[24];
        System.arraycopy(KEY, 0, register, 8, KEY.length);
        for (ScsiHost host : hosts) {
            host.execute(ScsiCommand.of("17", new byte[0], 0));
        }
        for (ScsiHost host : hosts) {
            good(host, ScsiCommand.of("5f 06 00 00 00 00 00 00 18 00", register, 0));
        }
        good(hosts.getFirst(), ScsiCommand.of("5f 03 00 00 00 00 00 00 18 00", Arrays.copyOf(KEY, 24), 0));
        settle();
        good(hosts.getFirst(), ScsiCommand.of("1e 00 00 00 00 00", new byte[0], 0));
        good(hosts.getFirst(), ScsiCommand.of("1b 00 00 00 01 00", new byte[0], 0));
        hosts.getFirst().execute(ScsiCommand.of("15 10 00 00 10 00", USUAL_MODES, 0));
        settle();
        for (ScsiHost host : hosts) {
            good(host, TEST_UNIT_READY);
        }
    }

    private static ScsiAnswer good(ScsiHost host, ScsiCommand command) throws IOException {
        ScsiAnswer answer = host.execute(command);
        if (!answer.isGood()) {
            throw new IOException(command + " gave " + answer + ", and what was made different stays so");
        }
        return answer;
    }

    private static ScsiCommand reading(long block, long count) {
        return ScsiCommand.of(String.format("28 00 %08x 00 %04x 00", block, count), new byte[0], (int) count * CdbSequence.BLOCK_BYTES);
    }

    private static byte[] read(ScsiHost host, long block, long count) throws IOException {
        return good(host, reading(block, count)).data();
    }

    /** Makes the disks alike where the command may have changed them; elsewhere a difference is to be found. */
    private void copyMedium(ScsiCommand command) throws IOException {
        for (long[] range : command.ranges()) {
            copy(Math.max(0, range[0]), end(range));
        }
    }

    /** Makes the disks alike. */
    void copy() throws IOException {
        restore(theirs);
        restore(ours);
        copy(0, CdbSequence.BLOCKS);
    }

    /** Writes what Karst has to where the other has something else. */
    private void copy(long first, long end) throws IOException {
        for (long block = first; block < end; block += PART_BLOCKS) {
            long count = Math.min(PART_BLOCKS, end - block);
            byte[] our = read(ours.getFirst(), block, count);
            if (!Arrays.equals(our, read(theirs.getFirst(), block, count))) {
                good(theirs.getFirst(), ScsiCommand.of(String.format("2a 00 %08x 00 %04x 00", block, count), our, 0));
            }
        }
    }

    /** The first block in which the disks differ, or -1. */
    int differentBlock() throws IOException {
        for (int block = 0; block < CdbSequence.BLOCKS; block += PART_BLOCKS) {
            int at = Arrays.mismatch(read(ours.getFirst(), block, PART_BLOCKS), read(theirs.getFirst(), block, PART_BLOCKS));
            if (at >= 0) {
                return block + at / CdbSequence.BLOCK_BYTES;
            }
        }
        return -1;
    }
}
