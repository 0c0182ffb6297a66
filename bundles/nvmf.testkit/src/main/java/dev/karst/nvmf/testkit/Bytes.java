package dev.karst.nvmf.testkit;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/** A PDU in the making or taken apart: bytes with little-endian figures at offsets. */
public final class Bytes {
    private final ByteBuffer buffer;

    /** Zeros. */
    public Bytes(int length) {
        this(new byte[length]);
    }

    /** These bytes, not a copy. */
    public Bytes(byte[] bytes) {
        buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    public byte[] array() {
        return buffer.array();
    }

    public int length() {
        return buffer.capacity();
    }

    public int u8(int offset) {
        return buffer.get(offset) & 0xff;
    }

    public int u16(int offset) {
        return buffer.getShort(offset) & 0xffff;
    }

    public long u32(int offset) {
        return buffer.getInt(offset) & 0xffff_ffffL;
    }

    public long u64(int offset) {
        return buffer.getLong(offset);
    }

    /** Sets {@code size} (1, 2, 4 or 8) bytes. */
    public Bytes set(int offset, int size, long value) {
        switch (size) {
            case 1 -> buffer.put(offset, (byte) value);
            case 2 -> buffer.putShort(offset, (short) value);
            case 4 -> buffer.putInt(offset, (int) value);
            default -> buffer.putLong(offset, value);
        }
        return this;
    }

    public Bytes set(int offset, byte[] value) {
        buffer.put(offset, value);
        return this;
    }

    /** A copy of a part. */
    public byte[] part(int offset, int length) {
        byte[] part = new byte[length];
        buffer.get(offset, part);
        return part;
    }

    /** CRC-32C of bytes. */
    public static int crc32c(byte[] bytes, int offset, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, offset, length);
        return (int) crc.getValue();
    }
}
