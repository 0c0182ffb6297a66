package dev.karst.bdev.lvol.disk;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.UUID;
import java.util.zip.CRC32C;

/** Figures in arrays, little endian; a UUID with its first byte first. Any thread. */
public final class Bytes {
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG_BE = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private Bytes() {}

    public static int getU8(byte[] bytes, int offset) {
        return bytes[offset] & 0xff;
    }

    public static int getU16(byte[] bytes, int offset) {
        return (short) SHORT.get(bytes, offset) & 0xffff;
    }

    public static void setU16(byte[] bytes, int offset, int value) {
        SHORT.set(bytes, offset, (short) value);
    }

    public static int getInt(byte[] bytes, int offset) {
        return (int) INT.get(bytes, offset);
    }

    public static void setInt(byte[] bytes, int offset, int value) {
        INT.set(bytes, offset, value);
    }

    public static long getLong(byte[] bytes, int offset) {
        return (long) LONG.get(bytes, offset);
    }

    public static void setLong(byte[] bytes, int offset, long value) {
        LONG.set(bytes, offset, value);
    }

    public static UUID getUuid(byte[] bytes, int offset) {
        return new UUID((long) LONG_BE.get(bytes, offset), (long) LONG_BE.get(bytes, offset + 8));
    }

    public static void setUuid(byte[] bytes, int offset, UUID uuid) {
        LONG_BE.set(bytes, offset, uuid.getMostSignificantBits());
        LONG_BE.set(bytes, offset + 8, uuid.getLeastSignificantBits());
    }

    public static int crc(byte[] bytes, int from, int to) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, from, to - from);
        return (int) crc.getValue();
    }
}
