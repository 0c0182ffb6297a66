package dev.karst.iscsi;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A PDU in the making or taken apart, with big-endian figures at offsets. It shares no code with the target. */
final class Pdu {
    static final int NONE = -1;

    private final byte[] header;
    byte[] data = {};

    Pdu(byte[] header) {
        this.header = header;
    }

    /** A request of that opcode. */
    static Pdu of(int opcode) {
        return new Pdu(new byte[48]).set(0, 1, opcode).set(1, 1, 0x80);
    }

    /** Text of keys: {@code key=value} each. */
    static byte[] text(String... pairs) {
        return (String.join("\0", pairs) + (pairs.length == 0 ? "" : "\0")).getBytes(StandardCharsets.UTF_8);
    }

    Pdu set(int offset, int size, long value) {
        for (int i = 0; i < size; i++) {
            header[offset + i] = (byte) (value >>> 8 * (size - 1 - i));
        }
        return this;
    }

    Pdu data(byte[] bytes) {
        data = bytes;
        return set(5, 3, bytes.length);
    }

    long get(int offset, int size) {
        long value = 0;
        for (int i = 0; i < size; i++) {
            value = value << 8 | header[offset + i] & 0xff;
        }
        return value;
    }

    int opcode() {
        return (int) get(0, 1) & 0x3f;
    }

    int flags() {
        return (int) get(1, 1);
    }

    int itt() {
        return (int) get(16, 4);
    }

    byte[] header() {
        return header;
    }

    /** The pairs of its text. */
    List<String> pairs() {
        List<String> pairs = new ArrayList<>();
        for (String pair : new String(data, StandardCharsets.UTF_8).split("\0")) {
            if (!pair.isEmpty()) {
                pairs.add(pair);
            }
        }
        return pairs;
    }

    /** The value of a key in its text, or null. */
    String value(String key) {
        return pairs().stream().filter(pair -> pair.startsWith(key + "=")).map(pair -> pair.substring(key.length() + 1))
            .findFirst().orElse(null);
    }

    @Override
    public String toString() {
        return "opcode 0x%02x flags 0x%02x byte2 %d byte3 %d, %d bytes %s".formatted(
            opcode(), flags(), get(2, 1), get(3, 1), data.length, ByteBuffer.wrap(header).getInt(16));
    }
}
