package dev.karst.base;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * Reads what a {@link StateWriter} wrote, perhaps that of another version: whatever the bytes are, each method gives a value
 * within its limits or refuses with a {@link StorageException} of EINVAL. One thread.
 */
public final class StateReader {
    private final ByteBuffer buffer;

    /**
     * Begins to read.
     *
     * @param version the only one that can be read
     * @throws StorageException for another version, or when the length is not that of the state
     */
    public StateReader(byte[] state, int version) throws StorageException {
        buffer = ByteBuffer.wrap(state);
        if (state.length < StateWriter.HEADER_BYTES) {
            throw refusal("its state has " + state.length + " bytes");
        }
        int found = buffer.getInt();
        if (found != version) {
            throw refusal("its state has version " + found + ", and this one reads version " + version);
        }
        int length = buffer.getInt();
        if (length != buffer.remaining()) {
            throw refusal("its state says " + length + " bytes and has " + buffer.remaining());
        }
    }

    /** A refusal of what is read, for a reason that only the reader's user knows. */
    public static StorageException refusal(String why) {
        return StorageException.errno(Errno.EINVAL, why);
    }

    /** Any number. */
    public long number() throws StorageException {
        if (buffer.remaining() < Long.BYTES) {
            throw refusal("its state ends too soon");
        }
        return buffer.getLong();
    }

    /** A number from {@code least} to {@code most}. */
    public int number(int least, int most) throws StorageException {
        long value = number();
        if (value < least || value > most) {
            throw refusal("its state has " + value + " where " + least + " to " + most + " is possible");
        }
        return (int) value;
    }

    public boolean flag() throws StorageException {
        return number(0, 1) != 0;
    }

    public String text() throws StorageException {
        return new String(bytes(), StandardCharsets.UTF_8);
    }

    public UUID uuid() throws StorageException {
        return new UUID(number(), number());
    }

    public byte[] bytes() throws StorageException {
        byte[] value = new byte[number(0, Math.max(0, buffer.remaining() - Long.BYTES))];
        buffer.get(value);
        return value;
    }

    /** Nothing more is expected. */
    public void end() throws StorageException {
        if (buffer.hasRemaining()) {
            throw refusal("its state has " + buffer.remaining() + " bytes too many");
        }
    }
}
