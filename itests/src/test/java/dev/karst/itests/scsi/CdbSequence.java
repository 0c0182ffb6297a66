package dev.karst.itests.scsi;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Random commands of a seed, right and nearly right: of all operations that a disk may have and some that there are not, about the
 * ends of the disk, with lengths that fit and do not, reserved bits, and lists of parameters that are sometimes damaged.
 */
final class CdbSequence {
    /** Blocks of 512 bytes of the disk. */
    static final int BLOCKS = 2048;
    static final int BLOCK_BYTES = 512;
    /** The logical unit that the disk is. */
    static final int DISK = 1;

    /** A logical unit that there is not. */
    private static final int NO_DISK = 5;
    private static final int MOST_BLOCKS = 2 * 64;

    /** What stands in a CDB. SPC-4, SBC-3: the operation code, then which bits of each byte mean something. */
    static final List<String> USAGES = List.of(
        // Of blocks: what is sent or comes is as long as the number of blocks says.
        "08 1f ff ff ff 00", "28 fc ff ff ff ff 1f ff ff 00", "a8 fc ff ff ff ff ff ff ff ff 1f 00",
        "88 fc ff ff ff ff ff ff ff ff ff ff ff ff 1f 00", "0a 1f ff ff ff 00", "2a f8 ff ff ff ff 1f ff ff 00",
        "aa f8 ff ff ff ff ff ff ff ff 1f 00", "8a f8 ff ff ff ff ff ff ff ff ff ff ff ff 1f 00",
        "2e f6 ff ff ff ff 1f ff ff 00", "ae f6 ff ff ff ff ff ff ff ff 1f 00", "8e f6 ff ff ff ff ff ff ff ff ff ff ff ff 1f 00",
        "2f f6 ff ff ff ff 1f ff ff 00", "af f6 ff ff ff ff ff ff ff ff 1f 00", "8f f6 ff ff ff ff ff ff ff ff ff ff ff ff 1f 00",
        "41 f8 ff ff ff ff 1f ff ff 00", "93 f9 ff ff ff ff ff ff ff ff ff ff ff ff 1f 00",
        "89 f8 ff ff ff ff ff ff ff ff 00 00 00 ff 1f 00", "8b f8 ff ff ff ff ff ff ff ff ff ff ff ff 1f 00",
        "35 02 ff ff ff ff 1f ff ff 00", "91 02 ff ff ff ff ff ff ff ff ff ff ff ff 1f 00", "34 02 ff ff ff ff 1f ff ff 00",
        "90 02 ff ff ff ff ff ff ff ff ff ff ff ff 1f 00",
        // What comes is as long as is allowed.
        "12 01 ff ff ff 00", "12 01 ff ff ff 00", "03 01 00 00 ff 00", "1a 08 ff ff ff 00", "1a 08 ff ff ff 00", "5a 18 ff ff 00 00 00 ff ff 00",
        "25 00 ff ff ff ff 00 00 01 00", "9e 10 ff ff ff ff ff ff ff ff ff ff ff ff 01 00", "9e 12 ff ff ff ff ff ff ff ff ff ff ff ff 00 00",
        "a0 00 ff 00 00 00 ff ff ff ff 00 00", "a3 0c 87 ff ff ff ff ff ff ff 00 00", "a3 0d 80 00 00 00 ff ff ff ff 00 00",
        "a3 ea 00 00 00 00 ff ff ff ff 00 00", "4d 01 ff ff 00 ff ff ff ff 00", "5e 00 00 00 00 00 00 ff ff 00",
        "5e 01 00 00 00 00 00 ff ff 00", "5e 02 00 00 00 00 00 ff ff 00", "5e 03 00 00 00 00 00 ff ff 00",
        "37 00 1f 00 00 00 00 ff ff 00", "b7 1f ff ff ff ff ff ff ff ff 00 00", "84 03 ff 00 00 00 00 00 00 00 ff ff ff ff 00 00",
        // Lists are sent.
        "15 11 00 00 ff 00", "55 11 00 00 00 00 00 ff ff 00", "42 01 00 00 00 00 1f ff ff 00", "42 01 00 00 00 00 1f ff ff 00",
        "5f 00 ff 00 00 ff ff ff ff 00", "5f 01 ff 00 00 ff ff ff ff 00", "5f 02 ff 00 00 ff ff ff ff 00", "5f 03 ff 00 00 ff ff ff ff 00",
        "5f 04 ff 00 00 ff ff ff ff 00", "5f 06 ff 00 00 ff ff ff ff 00", "5f 00 ff 00 00 ff ff ff ff 00", "5f 06 ff 00 00 ff ff ff ff 00",
        "83 00 00 00 00 00 00 00 00 00 ff ff ff ff 00 00",
        // Nothing moves.
        "00 00 00 00 00 00", "16 00 00 00 00 00", "17 00 00 00 00 00", "56 00 00 00 00 00 00 00 00 00", "57 00 00 00 00 00 00 00 00 00",
        "1b 01 00 0f f7 00", "1e 00 00 00 01 00");
    private static final int OF_BLOCKS = 22;
    private static final int ALLOWING = 22 + 21;
    private static final int SENDING = 22 + 21 + 13;

    private static final int[] PAGES = {0x00, 0x80, 0x83, 0x86, 0x87, 0x88, 0xb0, 0xb1, 0xb2, 0xb7};
    private static final int[] MODES = {0x08, 0x0a, 0x1c, 0x3f, 0x48, 0x8a, 0x5c, 0xbf, 0xc8, 0x05, 0x3e};
    private static final int[] ROOMS = {0, 1, 3, 4, 5, 8, 12, 16, 18, 24, 32, 36, 60, 64, 96, 252, 255};

    private final SplittableRandom random;

    CdbSequence(long seed) {
        random = new SplittableRandom(seed);
    }

    private boolean oneIn(int count) {
        return random.nextInt(count) == 0;
    }

    private int of(int... values) {
        return values[random.nextInt(values.length)];
    }

    /** The next command. */
    ScsiCommand next() {
        int which = random.nextInt(USAGES.size());
        byte[] usage = HexFormat.ofDelimiter(" ").parseHex(USAGES.get(which));
        byte[] cdb = new byte[16];
        cdb[0] = usage[0];
        cdb[1] = usage[1];
        if (oneIn(25)) {
            random.nextBytes(cdb);
            return command(cdb, new byte[0], of(ROOMS));
        }
        ScsiCommand command;
        if (which < OF_BLOCKS) {
            command = ofBlocks(cdb, usage);
        } else if (which < ALLOWING) {
            command = allowing(cdb, usage);
        } else if (which < SENDING) {
            command = sending(cdb);
        } else {
            command = still(cdb);
        }
        if (oneIn(12)) {
            cdb[1 + random.nextInt(usage.length - 1)] ^= (byte) (1 << random.nextInt(8));
        }
        return command;
    }

    private ScsiCommand command(byte[] cdb, byte[] sent, int expected) {
        return new ScsiCommand(oneIn(4) ? 1 : 0, oneIn(60) ? NO_DISK : DISK, cdb, sent, sent.length == 0 ? expected : 0);
    }

    private long address(int count) {
        return switch (random.nextInt(12)) {
            case 0 -> 0;
            case 1 -> BLOCKS - count;
            case 2 -> BLOCKS - count + 1L;
            case 3 -> BLOCKS;
            case 4 -> BLOCKS - 1L;
            case 5 -> oneIn(3) ? random.nextLong() : 0xffff_fff0L;
            default -> random.nextInt(BLOCKS - count);
        };
    }

    private ScsiCommand ofBlocks(byte[] cdb, byte[] usage) {
        int opcode = cdb[0] & 0xff;
        int count = oneIn(40) ? of(255, 256, 65535) : of(0, 1, 1, 1, 2, 3, 8, 64, random.nextInt(MOST_BLOCKS));
        cdb[1] = 0;
        if (opcode != 0x08 && opcode != 0x0a && !oneIn(3)) {
            // DPO, FUA, BYTCHK, UNMAP and the like; protection and what is not used any more are rare.
            cdb[1] = (byte) (random.nextInt(0x20) & usage[1] & (oneIn(4) ? 0xfe : 0x1c));
            cdb[1] |= (byte) (oneIn(20) ? usage[1] & 0xe0 & random.nextInt() : 0);
        }
        putRange(cdb, address(Math.min(count, BLOCKS - 1)), count);
        long blocks = opcode == 0x08 || opcode == 0x0a ? (count & 0xff) == 0 ? 256 : count & 0xff : opcode == 0x89 ? count & 0xff : count;
        boolean verifies = opcode == 0x2f || opcode == 0xaf || opcode == 0x8f;
        if (List.of(0x35, 0x91, 0x34, 0x90).contains(opcode) || verifies && (cdb[1] & 6) == 0 || (cdb[1] & 1) != 0 && opcode == 0x93) {
            return command(cdb, new byte[0], 0);
        }
        boolean one = opcode == 0x41 || opcode == 0x93 || verifies && (cdb[1] & 6) == 6;
        int exact = (int) Math.min(256, one ? 1 : blocks) * BLOCK_BYTES * (opcode == 0x89 ? 2 : 1);
        int bytes = oneIn(12) ? Math.max(0, exact + of(-512, -1, -100, 1, 512, 1024)) : exact;
        boolean reads = opcode == 0x08 || opcode == 0x28 || opcode == 0xa8 || opcode == 0x88;
        return reads ? command(cdb, new byte[0], bytes) : command(cdb, contents(bytes), 0);
    }

    /** Blocks of few kinds, so that some of what is compared is alike. */
    private byte[] contents(int bytes) {
        byte[] contents = new byte[bytes];
        switch (random.nextInt(4)) {
            case 0 -> { }
            case 1 -> Arrays.fill(contents, (byte) 0xa5);
            case 2 -> random.nextBytes(contents);
            default -> {
                for (int at = 0; at < bytes; at += BLOCK_BYTES) {
                    contents[at] = (byte) random.nextInt(3);
                }
            }
        }
        return contents;
    }

    private static void putRange(byte[] cdb, long first, int count) {
        ByteBuffer bytes = ByteBuffer.wrap(cdb);
        switch ((cdb[0] & 0xff) >> 5) {
            case 0 -> {
                bytes.putShort(2, (short) first).put(4, (byte) count);
                cdb[1] = (byte) (first >> 16 & 0x1f);
            }
            case 1, 2 -> bytes.putInt(2, (int) first).putShort(7, (short) count);
            case 5 -> bytes.putInt(2, (int) first).putInt(6, count);
            default -> {
                bytes.putLong(2, first).putInt(10, count);
                if (cdb[0] == (byte) 0x89) {
                    bytes.putInt(10, count & 0xff);
                }
            }
        }
    }

    private ScsiCommand allowing(byte[] cdb, byte[] usage) {
        int opcode = cdb[0] & 0xff;
        switch (opcode) {
            case 0x12 -> {
                cdb[1] = (byte) (oneIn(4) ? 0 : 1);
                cdb[2] = (byte) (cdb[1] == 0 && !oneIn(5) ? 0 : oneIn(9) ? random.nextInt() : of(PAGES));
            }
            case 0x03, 0x1a, 0x5a, 0x4d -> {
                cdb[1] = (byte) (oneIn(4) ? usage[1] & random.nextInt() : 0);
                cdb[2] = (byte) (opcode == 0x03 ? 0 : opcode == 0x4d ? of(0x00, 0x40, 0x6f, 0x2f, 0x02) : of(MODES));
                cdb[3] = (byte) (opcode != 0x03 && oneIn(9) ? of(1, 0xff) : 0);
            }
            case 0x9e -> ByteBuffer.wrap(cdb).putLong(2, cdb[1] == 0x12 ? address(1) : 0);
            case 0xa0 -> cdb[2] = (byte) (oneIn(3) ? of(1, 2, 3, 0x10) : 0);
            case 0xa3 -> {
                cdb[1] = (byte) (cdb[1] == (byte) 0xea ? 0x0a | (oneIn(5) ? random.nextInt() & 0xe0 : 0) : cdb[1]);
                if (cdb[1] == 0x0c) {
                    cdb[2] = (byte) (oneIn(3) ? 0 : random.nextInt() & 0x83);
                    cdb[3] = (byte) (cdb[2] == 0 ? 0 : Integer.parseInt(USAGES.get(random.nextInt(USAGES.size())).substring(0, 2), 16));
                    cdb[5] = (byte) (oneIn(3) ? of(0x10, 0x12, 1) : 0);
                }
            }
            case 0x37 -> cdb[2] = (byte) (random.nextInt() & usage[2]);
            default -> cdb[1] = (byte) (opcode == 0xb7 ? random.nextInt() & usage[1] : cdb[1]);
        }
        int room = oneIn(6) ? of(512, 1024, 4096) : of(ROOMS);
        // tgtd 1.0.85 dies of a MODE SENSE (6) that allows nothing.
        room = opcode == 0x1a && (room & 0xff) == 0 ? 4 : room;
        putLength(cdb, room);
        int opcode6 = opcode >> 5 == 0 && opcode != 0x12 ? room & 0xff : room;
        int wanted = opcode == 0x25 ? 8 : opcode6;
        return command(cdb, new byte[0], oneIn(10) ? Math.max(0, wanted + of(-4, 4, 100)) : wanted);
    }

    /** ALLOCATION LENGTH or PARAMETER LIST LENGTH. */
    private static void putLength(byte[] cdb, int length) {
        ByteBuffer bytes = ByteBuffer.wrap(cdb);
        switch (cdb[0] & 0xff) {
            case 0x12 -> bytes.putShort(3, (short) length);
            case 0x03, 0x1a, 0x15 -> bytes.put(4, (byte) length);
            case 0x25 -> { }
            case 0x5f -> bytes.putInt(5, length);
            default -> {
                switch ((cdb[0] & 0xff) >> 5) {
                    case 1, 2 -> bytes.putShort(7, (short) length);
                    case 5 -> bytes.putInt(6, length);
                    default -> bytes.putInt(10, length);
                }
            }
        }
    }

    private ScsiCommand sending(byte[] cdb) {
        int opcode = cdb[0] & 0xff;
        byte[] list = switch (opcode) {
            case 0x42 -> unmaps();
            case 0x5f -> reserve(cdb);
            case 0x83 -> new byte[16];
            default -> modes(opcode == 0x15);
        };
        if (opcode == 0x15 || opcode == 0x55 || opcode == 0x42) {
            cdb[1] = (byte) (opcode == 0x42 ? oneIn(10) ? 1 : 0 : oneIn(8) ? random.nextInt() & 0x11 : 0x10);
        }
        if (oneIn(8)) {
            list[random.nextInt(list.length)] ^= (byte) (1 << random.nextInt(8));
        }
        int length = oneIn(10) ? Math.max(0, list.length + of(-1, -8, -16, 1, 8, -list.length)) : list.length;
        putLength(cdb, length);
        return command(cdb, Arrays.copyOf(list, oneIn(15) ? Math.max(0, length + of(-8, -1, 1, 8)) : length), 0);
    }

    private byte[] unmaps() {
        int count = random.nextInt(4);
        ByteBuffer list = ByteBuffer.allocate(8 + 16 * count).putShort((short) (6 + 16 * count)).putShort((short) (16 * count)).putInt(0);
        for (int i = 0; i < count; i++) {
            int blocks = of(0, 1, 8, 64);
            list.putLong(oneIn(3) ? address(blocks) : random.nextInt(BLOCKS - blocks)).putInt(blocks).putInt(0);
        }
        return list.array();
    }

    private byte[] reserve(byte[] cdb) {
        cdb[2] = (byte) (of(1, 3, 5, 6, 7, 8, oneIn(4) ? 0 : 1) | (oneIn(20) ? 0x10 : 0));
        return ByteBuffer.allocate(24).putLong(of(0, 1, 1, 2)).putLong(of(0, 1, 1, 2)).putInt(0)
            .put((byte) (oneIn(8) ? of(1, 4, 8, 0x10) : 0)).array();
    }

    private byte[] modes(boolean isShort) {
        boolean describes = oneIn(3);
        byte[] page = switch (random.nextInt(4)) {
            case 0 -> page(0x08, 0x12, 2, oneIn(2) ? 0x04 : 0);
            case 1 -> page(0x1c, 0x0a, 2, 0x08);
            case 2 -> page(0x0a, 0x0a, 2, 0x20 | (oneIn(2) ? 0x04 : 0));
            default -> page(of(0x3f, 0x03, 0x48), 0x0a, 2, 0);
        };
        if (page[0] == 0x0a) {
            page[3] = 0x10;
            page[4] = (byte) (oneIn(3) ? 0x08 : 0);
            page[8] = page[9] = (byte) 0xff;
        }
        ByteBuffer list = ByteBuffer.allocate((isShort ? 4 : 8) + (describes ? 8 : 0) + page.length);
        list.put(isShort ? 3 : 7, (byte) (describes ? 8 : 0)).position(isShort ? 4 : 8);
        if (describes) {
            list.putInt(of(0, BLOCKS)).putInt(of(0, BLOCK_BYTES, BLOCK_BYTES, 4096));
        }
        return list.put(page).array();
    }

    private static byte[] page(int code, int length, int at, int value) {
        byte[] page = new byte[2 + length];
        page[0] = (byte) code;
        page[1] = (byte) length;
        page[at] = (byte) value;
        return page;
    }

    private ScsiCommand still(byte[] cdb) {
        cdb[1] = (byte) (cdb[0] == 0x1b ? random.nextInt(2) : 0);
        cdb[4] = (byte) (cdb[0] == 0x1b ? of(0, 1, 1, 3, 5, 0x11) : cdb[0] == 0x1e ? of(0, 1) : 0);
        return command(cdb, new byte[0], 0);
    }
}
