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
    /** Bytes of a block. */
    public final int size;
    public final byte[][] blocks;

    /** So many blocks of zeros with metadata of that size, and protection information of that type in it. */
    public ProtectedBlocks(int bytes, int type, boolean atStart, int count) {
        this.bytes = bytes;
        this.type = type;
        this.atStart = atStart;
        size = DATA + bytes;
        blocks = new byte[count][size];
    }

    /** CRC-16 with the polynomial 8BB7h, bit by bit. */
    private static int crc(byte[] from, int length) {
        int crc = 0;
        for (int i = 0; i < length; i++) {
            crc ^= (from[i] & 0xff) << 8;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 0x8000) != 0 ? crc << 1 ^ 0x8bb7 : crc << 1;
            }
        }
        return crc & 0xffff;
    }

    /** Where in a block protection information begins. */
    public int place() {
        return atStart ? DATA : size - 8;
    }

    /** Gives a block its protection information. */
    public void protect(byte[] block, int number, int applicationTag) {
        ByteBuffer.wrap(block, place(), 8).putShort((short) crc(block, place())).putShort((short) applicationTag)
            .putInt(type == 3 ? 0 : number);
    }

    private static int u16(byte[] block, int at) {
        return ByteBuffer.wrap(block).getShort(at) & 0xffff;
    }

    /** The application tag that a block has. */
    public int applicationTag(byte[] block) {
        return u16(block, place() + 2);
    }

    private int referenceTag(byte[] block) {
        return ByteBuffer.wrap(block).getInt(place() + 4);
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
        if (found == 0xffff && (type != 3 || referenceTag(block) == -1)) {
            return 0;
        } else if ((prinfo & NvmCommand.PRCHK_GUARD) != 0 && u16(block, place()) != crc(block, place())) {
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
        return (prinfo & NvmCommand.PRACT) != 0 && bytes == 8;
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
        Arrays.fill(block, place() + 2, place() + 8, (byte) -1);
        return block;
    }
}
