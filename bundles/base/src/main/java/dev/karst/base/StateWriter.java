package dev.karst.base;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;

/**
 * Writes what the next version of a part of the stack needs to go on: a version, a length, then values in an order that both
 * know. {@link StateReader} reads it. Not for the I/O path; one thread.
 *
 * <pre>
 *   | version, 4 bytes | length of what follows, 4 bytes | values: numbers of 8 bytes, bytes behind their count |
 * </pre>
 */
public final class StateWriter {
    /** Bytes of version and length. */
    static final int HEADER_BYTES = 8;

    private ByteBuffer buffer = ByteBuffer.allocate(256);

    /** Begins a state of that version. */
    public StateWriter(int version) {
        buffer.putInt(version).putInt(0);
    }

    private ByteBuffer room(int bytes) {
        if (buffer.remaining() < bytes) {
            int size = Math.max(buffer.capacity() * 2, buffer.position() + bytes);
            buffer = ByteBuffer.wrap(Arrays.copyOf(buffer.array(), size)).position(buffer.position());
        }
        return buffer;
    }

    public StateWriter number(long value) {
        room(Long.BYTES).putLong(value);
        return this;
    }

    public StateWriter flag(boolean value) {
        return number(value ? 1 : 0);
    }

    public StateWriter text(String value) {
        return bytes(value.getBytes(StandardCharsets.UTF_8));
    }

    public StateWriter uuid(UUID value) {
        return number(value.getMostSignificantBits()).number(value.getLeastSignificantBits());
    }

    public StateWriter bytes(byte[] value) {
        number(value.length);
        room(value.length).put(value);
        return this;
    }

    /** Bytes of raw memory. */
    public StateWriter memory(long address, int length) {
        byte[] copy = new byte[length];
        if (length > 0) {
            Mem.get(address, copy, 0, length);
        }
        return bytes(copy);
    }

    /** All that was written. */
    public byte[] end() {
        buffer.putInt(Integer.BYTES, buffer.position() - HEADER_BYTES);
        return Arrays.copyOf(buffer.array(), buffer.position());
    }
}
