package dev.karst.scsi.core;

import dev.karst.nvmf.testkit.FuzzInput;
import dev.karst.scsi.ScsiTask;
import dev.karst.scsi.core.FakeInitiator.Wish;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * Makes commands of a fuzzer's bytes: of operations that there are, with bits that may be set, near the ends of the unit and with
 * lists of parameters that are nearly right; and of anything else. Says of a command which blocks it may write, by reading it once
 * more.
 */
final class FuzzedCommands {
    /** Blocks of the logical units by number; there is no other. Unit 1 cannot be written. */
    static final int[] BLOCKS = {256, 64, 128};
    static final int UNMAP = 0x42;
    static final int SANITIZE = 0x48;
    static final int COPY = 0x83;
    static final int RESERVE_OUT = 0x5f;

    private static final int BLOCK_BYTES = 512;
    private static final int MOST_BLOCKS = 40;
    private static final List<Integer> WRITES = List.of(
        0x0a, 0x2a, 0xaa, 0x8a, 0x2e, 0xae, 0x8e, 0x41, 0x93, 0x89, 0x8b);
    private static final List<Integer> SENDS = List.of(
        0x0a, 0x2a, 0xaa, 0x8a, 0x2e, 0xae, 0x8e, 0x41, 0x93, 0x89, 0x8b, 0x2f, 0xaf, 0x8f, UNMAP, SANITIZE, COPY, RESERVE_OUT, 0x15,
        0x55);
    private static final List<Integer> LISTS = List.of(UNMAP, COPY, RESERVE_OUT, 0x15, 0x55);
    private static final int[] ATTRIBUTES = {
        ScsiTask.SIMPLE, ScsiTask.SIMPLE, ScsiTask.SIMPLE, ScsiTask.SIMPLE, ScsiTask.ORDERED, ScsiTask.HEAD_OF_QUEUE, ScsiTask.ACA};
    private static final byte[] LITTLE = {0, 1, 2, 7, 8, 9, 17, 18, 19, 20, 23, 24, 25, 28, 127, -1};

    /** By operation: which bits of the CDB mean something. */
    private final List<byte[]> usages;
    /** By logical unit: its identification descriptor in a copy. */
    private final List<byte[]> names;

    FuzzedCommands(List<byte[]> usages, List<byte[]> names) {
        this.usages = usages;
        this.names = names;
    }

    /** The next command. */
    Wish next(FuzzInput choices) {
        byte[] usage = usages.get(choices.next() % usages.size());
        int lun = choices.small(4) == 3 ? 3 + choices.small(2) : choices.small(BLOCKS.length);
        byte[] cdb = new byte[FakeInitiator.CDB_BYTES];
        int way = choices.small(8);
        if (way == 0) {
            for (int i = 0; i < 16; i++) {
                cdb[i] = (byte) choices.next();
            }
        } else if (way < 4) {
            cdb[0] = usage[0];
            for (int i = 1; i < usage.length; i++) {
                cdb[i] = (byte) (choices.next() & usage[i] | (i == 1 ? usage[1] & 0x1f & -(hasAction(usage) ? 1 : 0) : 0));
            }
        } else {
            near(choices, cdb, usage, BLOCKS[lun % BLOCKS.length]);
        }
        if (cdb[0] == SANITIZE) {
            // Not IMMED: it ends with its input.
            cdb[1] &= 0x7f;
        }
        Wish wish = new Wish(cdb);
        wish.lun = lun == 4 ? (long) choices.next() << 56 | choices.next() : (long) lun << 48;
        wish.attribute = ATTRIBUTES[choices.small(ATTRIBUTES.length)];
        data(choices, wish);
        return wish;
    }

    private static boolean hasAction(byte[] usage) {
        return List.of(SANITIZE, 0x9e, 0xa3, 0x5e, RESERVE_OUT, 0x84, COPY).contains(usage[0] & 0xff);
    }

    /** A range about the ends of the unit, all else as it mostly is. */
    private static void near(FuzzInput choices, byte[] cdb, byte[] usage, int blocks) {
        cdb[0] = usage[0];
        cdb[1] = (byte) (hasAction(usage) ? usage[1] : choices.small(3) == 0 ? choices.next() & usage[1] : 0);
        int most = choices.small(4) * choices.small(1 + MOST_BLOCKS / 3);
        long first = switch (choices.small(8)) {
            case 0 -> 0;
            case 1 -> blocks - most;
            case 2 -> blocks - most + 1L;
            case 3 -> blocks;
            case 4 -> (long) choices.next() << 24 | choices.next();
            default -> choices.small(blocks);
        };
        put(cdb, first, most);
        if (choices.small(16) == 15) {
            cdb[choices.small(16)] ^= (byte) (1 << choices.small(8));
        }
    }

    private static void put(byte[] cdb, long first, long blocks) {
        ByteBuffer bytes = ByteBuffer.wrap(cdb);
        switch ((cdb[0] & 0xff) >> 5) {
            case 0 -> bytes.putShort(2, (short) first).put(4, (byte) blocks);
            case 1, 2 -> bytes.putInt(2, (int) first).putShort(7, (short) blocks);
            case 5 -> bytes.putInt(2, (int) first).putInt(6, (int) blocks);
            default -> bytes.putLong(2, first).putInt(10, (int) blocks);
        }
    }

    /** LOGICAL BLOCK ADDRESS where it stands in a CDB of that length. */
    static long first(byte[] cdb) {
        ByteBuffer bytes = ByteBuffer.wrap(cdb);
        return switch ((cdb[0] & 0xff) >> 5) {
            case 0 -> (cdb[1] & 0x1fL) << 16 | bytes.getShort(2) & 0xffff;
            case 1, 2, 5 -> bytes.getInt(2) & 0xffff_ffffL;
            default -> bytes.getLong(2);
        };
    }

    /** TRANSFER LENGTH, or what stands in its place. */
    static long blocks(byte[] cdb) {
        ByteBuffer bytes = ByteBuffer.wrap(cdb);
        return switch ((cdb[0] & 0xff) >> 5) {
            case 0 -> cdb[4] == 0 ? 256 : cdb[4] & 0xff;
            case 1, 2 -> bytes.getShort(7) & 0xffff;
            case 5 -> bytes.getInt(6) & 0xffff_ffffL;
            default -> (cdb[0] & 0xff) == 0x89 ? cdb[13] & 0xff : bytes.getInt(10) & 0xffff_ffffL;
        };
    }

    private void data(FuzzInput choices, Wish wish) {
        int opcode = wish.cdb[0] & 0xff;
        int size = choices.small(16);
        if (LISTS.contains(opcode) && size > 0) {
            byte[] list = list(choices, opcode);
            if (size < 12) {
                put(wish.cdb, size < 10 && opcode != RESERVE_OUT ? opcode == COPY ? 0 : first(wish.cdb) : 0, list.length);
                if (opcode == RESERVE_OUT) {
                    ByteBuffer.wrap(wish.cdb).put(2, (byte) choices.small(9)).putInt(5, list.length);
                }
            }
            wish.sending(size == 15 ? Arrays.copyOf(list, choices.next()) : list);
            return;
        }
        long blocks = opcode == 0x41 || opcode == 0x93 ? 1 : blocks(wish.cdb) * (opcode == 0x89 ? 2 : 1);
        int exact = (int) Math.min(blocks, MOST_BLOCKS) * BLOCK_BYTES;
        int bytes = switch (size) {
            case 0, 1 -> 0;
            case 2 -> Math.max(0, exact - choices.next() * 3);
            case 3 -> exact + choices.next() * 3;
            case 4 -> choices.next();
            default -> exact;
        };
        if (SENDS.contains(opcode) == size < 15) {
            byte[] sent = new byte[bytes];
            Arrays.fill(sent, (byte) choices.small(2));
            wish.sending(sent);
        } else {
            wish.taking(bytes == 0 ? LITTLE[choices.small(LITTLE.length)] & 0xff : bytes);
        }
    }

    private byte[] list(FuzzInput choices, int opcode) {
        byte[] list = switch (opcode) {
            case UNMAP -> unmaps(choices);
            case COPY -> copy(choices);
            case RESERVE_OUT -> reserve(choices);
            default -> modes(choices, opcode == 0x15);
        };
        for (int changes = Math.max(0, choices.small(6) - 3); changes > 0; changes--) {
            list[choices.next() % list.length] = choices.small(2) == 0 ? LITTLE[choices.small(LITTLE.length)] : (byte) choices.next();
        }
        return list;
    }

    private static byte[] unmaps(FuzzInput choices) {
        int count = choices.small(4);
        ByteBuffer list = ByteBuffer.allocate(8 + 16 * count).putShort((short) (6 + 16 * count)).putShort((short) (16 * count)).putInt(0);
        for (int i = 0; i < count; i++) {
            list.putLong(choices.next()).putInt(choices.small(9)).putInt(0);
        }
        return list.array();
    }

    private byte[] copy(FuzzInput choices) {
        int segments = choices.small(4);
        ByteBuffer list = ByteBuffer.allocate(16 + 32 * names.size() + 28 * segments);
        list.put((byte) choices.next()).put((byte) (choices.small(4) << 3)).putShort((short) (32 * names.size())).putInt(0)
            .putInt(28 * segments).putInt(0);
        names.forEach(list::put);
        for (int i = 0; i < segments; i++) {
            list.put((byte) 2).put((byte) 0).putShort((short) 24).putShort((short) choices.small(4)).putShort((short) choices.small(4))
                .putShort((short) 0).putShort((short) choices.small(9)).putLong(choices.next()).putLong(choices.next());
        }
        return list.array();
    }

    private static byte[] reserve(FuzzInput choices) {
        byte[] id = FakeInitiator.transportId("iqn.host:" + choices.small(3) + ",i,0x000000000001");
        int names = Math.max(0, choices.small(5) - 2);
        boolean moves = choices.small(4) == 0;
        ByteBuffer list = ByteBuffer.allocate(24 + (names == 0 ? 0 : moves ? id.length : 4 + names * id.length));
        list.putLong(choices.small(3)).putLong(choices.small(3));
        if (moves) {
            list.put((byte) 0).put((byte) choices.small(4)).putShort((short) (1 + choices.small(8) / 7)).putInt(list.capacity() - 24);
        } else {
            list.putInt(0).put((byte) (names > 0 ? choices.next() | 8 : choices.next() & 0xf7)).put((byte) 0).putShort((short) 0);
            if (names > 0) {
                list.putInt(names * id.length);
            }
        }
        while (list.remaining() >= id.length) {
            list.put(id);
        }
        return list.array();
    }

    private static byte[] modes(FuzzInput choices, boolean isShort) {
        ByteBuffer list = ByteBuffer.allocate(64).put(new byte[isShort ? 4 : 8]);
        if (choices.small(3) == 0) {
            list.put(isShort ? 3 : 7, (byte) 8).putInt(0).putInt(choices.small(2) * BLOCK_BYTES);
        }
        int pages = choices.next();
        if ((pages & 1) != 0) {
            list.put(new byte[] {0x0a, 0x0a, (byte) (0x20 | (pages & 2) << 1), 0x10, (byte) (pages & 8), (byte) (pages & 0x40), 0, 0,
                -1, -1, 0, 0});
        }
        if ((pages & 16) != 0) {
            list.put(new byte[] {0x08, 0x12, (byte) (pages >> 3 & 4)}).put(new byte[17]);
        }
        return Arrays.copyOf(list.array(), list.position());
    }

    /** The number that a LUN says by peripheral or by flat space addressing. SAM-5, 4.7. */
    private static long number(long lun) {
        return lun >= 0 && lun << 16 == 0 ? lun >>> 48 & 0x3fff : -1;
    }

    /** Whether a command may write these blocks of a unit. */
    static boolean mayWrite(Wish wish, int lun, long first, long count) {
        int opcode = wish.cdb[0] & 0xff;
        if (opcode == COPY) {
            return mayCopy(wish.sent, first, count);
        } else if (number(wish.lun) != lun || lun == 1) {
            return false;
        } else if (opcode == UNMAP) {
            return mayUnmap(wish.sent, first, count);
        }
        return opcode == SANITIZE || WRITES.contains(opcode) && first >= first(wish.cdb) && first + count <= first(wish.cdb) + blocks(wish.cdb);
    }

    private static boolean mayUnmap(byte[] list, long first, long count) {
        ByteBuffer bytes = ByteBuffer.wrap(list);
        for (int at = 8; at + 16 <= list.length; at += 16) {
            if (bytes.getLong(at) == first && (bytes.getInt(at + 8) & 0xffff_ffffL) == count) {
                return true;
            }
        }
        return false;
    }

    /** Where the segments begin depends on a length; all places that it may say are looked at. */
    private static boolean mayCopy(byte[] list, long first, long count) {
        ByteBuffer bytes = ByteBuffer.wrap(list);
        for (int at = 16; at + 28 <= list.length; at += 4) {
            long target = bytes.getLong(at + 20);
            if (list[at] == 2 && first >= target && first + count <= target + (bytes.getShort(at + 10) & 0xffff)) {
                return true;
            }
        }
        return false;
    }
}
