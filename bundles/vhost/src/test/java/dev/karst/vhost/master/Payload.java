package dev.karst.vhost.master;

import java.io.ByteArrayOutputStream;

/** Figures of a message, little endian. */
public final class Payload {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** So many bytes of a value. */
    public Payload add(int width, long value) {
        for (int i = 0; i < width; i++) {
            bytes.write((int) (value >>> 8 * i));
        }
        return this;
    }

    public Payload u32(long value) {
        return add(Integer.BYTES, value);
    }

    public Payload u64(long value) {
        return add(Long.BYTES, value);
    }

    public byte[] bytes() {
        return bytes.toByteArray();
    }

    /** The figure of so many bytes at a place. */
    public static long get(byte[] bytes, int at, int width) {
        long value = 0;
        for (int i = width - 1; i >= 0; i--) {
            value = value << 8 | bytes[at + i] & 0xff;
        }
        return value;
    }
}
