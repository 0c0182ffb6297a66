package dev.karst.nvmf.core.io;

import dev.karst.spec.nvme.NvmCommand;
import dev.karst.spec.nvme.NvmeStatus;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * What a namespace with protection information should hold and answer, written from the standard alone: blocks of 512
 * bytes and their metadata behind them. NVM Command Set 1.1, 5.3.
 */
public final class ProtectedBlocks {
    private static final int DATA = 512;
    /** Bits of PRINFO without PRACT. */
    public static final int ALL = NvmCommand.PRCHK_GUARD | NvmCommand.PRCHK_APPLICATION | NvmCommand.PRCHK_REFERENCE;

    /** Of metadata. */
    public final int bytes;
    public final int type;
    public final boolean atStart;
    /** Bits of the guard. */
    public final int guard;
    /** Bytes of protection information. */
    public final int protectionBytes;
    /** Bytes of a block. */
    public final int size;
    public final byte[][] blocks;

    /** So many blocks of zeros with metadata of that size, and protection information of that type and guard in it. */
    public ProtectedBlocks(int bytes, int type, boolean atStart, int guard, int count) {
        this.guard = guard;
        protectionBytes = guard == 16 ? 8 : 16;
        this.bytes = bytes;
        this.type = type;
        this.atStart = atStart;
        size = DATA + bytes;
        blocks = new byte[count][size];
    }

    /** The CRC of what comes before the guard, bit by bit. */
    private long crc(byte[] block) {
        return switch (guard) {
            case 16 -> forwards(block, place());
            case 32 -> backwards(block, place(), 0x82F63B78L, 0xffff_ffffL);
            default -> backwards(block, place(), 0x9A6C9329AC4BC9B5L, -1);
        };
    }

    /** CRC-16 with the polynomial 8BB7h. */
    private static long forwards(byte[] from, int length) {
        int crc = 0;
        for (int i = 0; i < length; i++) {
            crc ^= (from[i] & 0xff) << 8;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 0x8000) != 0 ? crc << 1 ^ 0x8bb7 : crc << 1;
            }
        }
        return crc & 0xffff;
    }

    private static long backwards(byte[] from, int length, long polynomial, long ones) {
        long crc = ones;
        for (int i = 0; i < length; i++) {
            crc ^= from[i] & 0xff;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 1) != 0 ? crc >>> 1 ^ polynomial : crc >>> 1;
            }
        }
        return crc ^ ones;
    }

    /** Where in a block protection information begins. */
    public int place() {
        return atStart ? DATA : size - protectionBytes;
    }

    /** Where in a block the application tag is. */
    private int tagPlace() {
        return place() + guard / 8;
    }

    /** Gives a block its protection information. */
    public void protect(byte[] block, int number, int applicationTag) {
        ByteBuffer information = ByteBuffer.wrap(block, place(), protectionBytes);
        long crc = crc(block);
        for (int shift = guard - 8; shift >= 0; shift -= 8) {
            information.put((byte) (crc >>> shift));
        }
        information.putShort((short) applicationTag);
        while (information.remaining() > 4) {
            information.put((byte) 0);
        }
        information.putInt(type == 3 ? 0 : number);
    }

    /** The application tag that a block has. */
    public int applicationTag(byte[] block) {
        return ByteBuffer.wrap(block).getShort(tagPlace()) & 0xffff;
    }

    /** The reference tag that a block has; its first two bytes are a storage tag where the guard has 32 bits. */
    private long referenceTag(byte[] block) {
        long last = ByteBuffer.wrap(block).getLong(place() + protectionBytes - 8);
        return switch (guard) {
            case 16 -> last & 0xffff_ffffL;
            case 32 -> last;
            default -> last & 0xffff_ffff_ffffL;
        };
    }

    /** Where in a block the reference tag is. */
    private int referencePlace() {
        return place() + (guard == 16 ? 4 : guard == 32 ? 8 : 10);
    }

    private boolean isEscape(long referenceTag) {
        return referenceTag == (guard == 16 ? 0xffff_ffffL : guard == 32 ? -1 : 0xffff_ffff_ffffL);
    }

    private boolean isGuardWrong(byte[] block) {
        ByteBuffer all = ByteBuffer.wrap(block);
        long found = switch (guard) {
            case 16 -> all.getShort(place()) & 0xffff;
            case 32 -> all.getInt(place()) & 0xffff_ffffL;
            default -> all.getLong(place());
        };
        return found != crc(block);
    }

    /** What becomes of a command that has such blocks checked, from number {@code first} on. */
    public int check(byte[][] some, int first, int prinfo, int tag, int mask) {
        for (int i = 0; i < some.length; i++) {
            int status = check(some[i], first + i, prinfo, tag, mask);
            if (status != 0) {
                return status;
            }
        }
        return 0;
    }

    private int check(byte[] block, int number, int prinfo, int tag, int mask) {
        int found = applicationTag(block);
        if (found == 0xffff && (type != 3 || isEscape(referenceTag(block)))) {
            return 0;
        } else if ((prinfo & NvmCommand.PRCHK_GUARD) != 0 && isGuardWrong(block)) {
            return NvmeStatus.END_TO_END_GUARD_CHECK_ERROR;
        } else if ((prinfo & NvmCommand.PRCHK_APPLICATION) != 0 && ((found ^ tag) & mask) != 0) {
            return NvmeStatus.END_TO_END_APPLICATION_TAG_CHECK_ERROR;
        }
        boolean elsewhere = (prinfo & NvmCommand.PRCHK_REFERENCE) != 0 && referenceTag(block) != number;
        return elsewhere ? NvmeStatus.END_TO_END_REFERENCE_TAG_CHECK_ERROR : 0;
    }

    /** Blocks from number {@code first} on, as they are now. */
    public byte[][] copy(int first, int count) {
        byte[][] some = new byte[count][];
        for (int i = 0; i < count; i++) {
            some[i] = blocks[first + i].clone();
        }
        return some;
    }

    /** Has those blocks from number {@code first} on. */
    public void put(int first, byte[][] some) {
        System.arraycopy(some, 0, blocks, first, some.length);
    }

    /** Whether blocks travel as data alone. */
    public boolean isBare(int prinfo) {
        return (prinfo & NvmCommand.PRACT) != 0 && bytes == protectionBytes;
    }

    /** The blocks as they travel. */
    public byte[] travelling(byte[][] some, int prinfo) {
        int each = isBare(prinfo) ? DATA : size;
        byte[] all = new byte[some.length * each];
        for (int i = 0; i < some.length; i++) {
            System.arraycopy(some[i], 0, all, i * each, each);
        }
        return all;
    }

    /** Zeros that nobody protects: the checks are off. */
    public byte[] unprotectedZeros() {
        byte[] block = new byte[size];
        protect(block, 0, 0xffff);
        Arrays.fill(block, referencePlace(), place() + protectionBytes, (byte) -1);
        return block;
    }
}
