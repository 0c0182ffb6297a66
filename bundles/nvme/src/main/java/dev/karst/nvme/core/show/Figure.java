package dev.karst.nvme.core.show;

import dev.karst.base.Struct;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** A data structure's fields under the names that the standard, and nvme-cli, gives them, to be shown. */
final class Figure {
    private final Map<String, Struct.Field> fields = new LinkedHashMap<>();
    private final Set<Struct.Field> counters = new HashSet<>();

    /** Adds a field. */
    Figure with(String name, Struct.Field field) {
        fields.put(name, field);
        return this;
    }

    /** Adds a field of 16 bytes that counts; all ones are shown for what does not fit into 63 bits. */
    Figure counting(String name, Struct.Field field) {
        counters.add(field);
        return with(name, field);
    }

    /** What the fields hold: numbers; text without its padding; what is longer than 8 bytes and no counter in hexadecimal. */
    Map<String, Object> show(byte[] data) {
        Map<String, Object> shown = new LinkedHashMap<>();
        fields.forEach((name, field) -> shown.put(name, value(data, field)));
        return shown;
    }

    private Object value(byte[] data, Struct.Field field) {
        if (counters.contains(field)) {
            long low = number(data, field.offset(), Long.BYTES);
            return low < 0 || number(data, field.offset() + Long.BYTES, Long.BYTES) != 0 ? Long.MAX_VALUE : low;
        }
        if (field instanceof Struct.Text) {
            return text(data, field);
        }
        if (field instanceof Struct.Bits bits) {
            return number(data, bits.offset(), bits.bytes()) >>> bits.low() & (1L << bits.width()) - 1;
        }
        if (field.bytes() > Long.BYTES) {
            return HexFormat.of().formatHex(data, field.offset(), field.offset() + field.bytes());
        }
        return number(data, field.offset(), field.bytes());
    }

    private static String text(byte[] data, Struct.Field field) {
        String padded = new String(data, field.offset(), field.bytes(), StandardCharsets.UTF_8);
        int end = padded.indexOf('\0');
        return (end < 0 ? padded : padded.substring(0, end)).strip();
    }

    /** A little-endian number of up to 8 bytes. */
    static long number(byte[] data, int offset, int bytes) {
        byte[] whole = new byte[Long.BYTES];
        System.arraycopy(data, offset, whole, 0, bytes);
        return ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getLong();
    }
}
