package dev.karst.config.state;

import dev.karst.rpc.ConfigSource.Call;
import dev.karst.rpc.json.JsonException;
import dev.karst.rpc.json.JsonReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Changes that were made durable together, as the journal holds them: whole sectors, of which none is ever written again.
 *
 * <pre>
 *  0       4        8            16         20       24
 *  +-------+--------+------------+----------+--------+---------------------------------+-------+
 *  | magic | length | generation | sequence | CRC32C | payload: [{"method", "params"}] | zeros |
 *  +-------+--------+------------+----------+--------+---------------------------------+-------+
 * </pre>
 *
 * Little endian. The checksum is of bytes 0 to 20 and the payload. A journal begins with a group of no changes, sequence 0.
 *
 * @param generation of the saved state that the changes were made to
 * @param sequence counts the groups of a journal
 * @param calls the changes in their order
 * @param bytes that it takes in the journal
 */
record Group(long generation, int sequence, List<Call> calls, int bytes) {
    static final int SECTOR = 512;
    static final int HEAD = 24;

    private static final int MAGIC = 0x314c4a4b; // "KJL1"
    private static final int AT_SEQUENCE = 16;
    private static final int AT_SUM = 20;
    private static final JsonReader.Limits LIMITS = new JsonReader.Limits(64 << 20, 4 << 20);

    /** Bytes that a group with so many bytes of payload takes. */
    static int bytes(int payload) {
        return (HEAD + payload + SECTOR - 1) / SECTOR * SECTOR;
    }

    /** A group as it is written; {@code changes} are objects as text. */
    static byte[] encode(long generation, int sequence, List<String> changes) {
        byte[] payload = ("[" + String.join(",", changes) + "]").getBytes(StandardCharsets.UTF_8);
        byte[] group = new byte[bytes(payload.length)];
        ByteBuffer buffer = ByteBuffer.wrap(group).order(ByteOrder.LITTLE_ENDIAN);
        buffer.putInt(MAGIC).putInt(payload.length).putLong(generation).putInt(sequence).put(HEAD, payload);
        buffer.putInt(AT_SUM, sum(buffer, 0, payload.length));
        return group;
    }

    /** The group that begins at a byte of a journal; null when none does, or it is not whole. */
    static Group decode(byte[] journal, int at) {
        ByteBuffer buffer = ByteBuffer.wrap(journal).order(ByteOrder.LITTLE_ENDIAN);
        if (journal.length - at < HEAD || buffer.getInt(at) != MAGIC) {
            return null;
        }
        int length = buffer.getInt(at + Integer.BYTES);
        boolean fits = length >= 0 && length <= journal.length - at - HEAD;
        if (!fits || buffer.getInt(at + AT_SUM) != sum(buffer, at, length)) {
            return null;
        }
        List<Call> calls = calls(Arrays.copyOfRange(journal, at + HEAD, at + HEAD + length));
        return calls == null ? null : new Group(
            buffer.getLong(at + 2 * Integer.BYTES), buffer.getInt(at + AT_SEQUENCE), calls, bytes(length));
    }

    private static int sum(ByteBuffer journal, int at, int length) {
        var sum = new CRC32C();
        sum.update(journal.slice(at, AT_SUM));
        sum.update(journal.slice(at + HEAD, length));
        return (int) sum.getValue();
    }

    /** Null when they are none, whatever the checksum says. */
    private static List<Call> calls(byte[] payload) {
        try {
            JsonReader reader = JsonReader.of(new ByteArrayInputStream(payload), LIMITS);
            return reader.next() ? SavedConfig.calls(reader.document(), "group") : null;
        } catch (IOException | JsonException e) {
            return null;
        }
    }
}
