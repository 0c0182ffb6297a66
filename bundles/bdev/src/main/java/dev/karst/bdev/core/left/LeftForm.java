package dev.karst.bdev.core.left;

import dev.karst.bdev.module.CreationRecord;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Left devices as bytes: the version, how many there are, and of each its module, name, UUID, method and parameters. A plain value is
 * a letter for its kind and its contents; texts are their length and UTF-8. The bytes stay within the process, but may be of
 * another version of this bundle.
 */
final class LeftForm {
    private static final int VERSION = 1;

    private LeftForm() {}

    static byte[] write(List<LeftDevice> devices) {
        var bytes = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(bytes)) {
            out.writeInt(VERSION);
            out.writeInt(devices.size());
            for (LeftDevice device : devices) {
                CreationRecord record = device.record();
                writeText(out, device.module());
                writeText(out, record.name());
                out.writeLong(record.uuid().getMostSignificantBits());
                out.writeLong(record.uuid().getLeastSignificantBits());
                writeText(out, record.method());
                write(out, record.parameters());
            }
        } catch (IOException e) {
            throw new AssertionError("memory was written to", e);
        }
        return bytes.toByteArray();
    }

    private static void write(DataOutputStream out, Object value) throws IOException {
        switch (value) {
            case null -> out.writeByte('n');
            case String text -> {
                out.writeByte('s');
                writeText(out, text);
            }
            case Boolean flag -> {
                out.writeByte('b');
                out.writeBoolean(flag);
            }
            case Double number -> {
                out.writeByte('d');
                out.writeDouble(number);
            }
            case Number number -> {
                out.writeByte('l');
                out.writeLong(number.longValue());
            }
            case List<?> list -> {
                out.writeByte('a');
                out.writeInt(list.size());
                for (Object each : list) {
                    write(out, each);
                }
            }
            case Map<?, ?> map -> {
                out.writeByte('m');
                out.writeInt(map.size());
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    writeText(out, (String) entry.getKey());
                    write(out, entry.getValue());
                }
            }
            default -> throw new IllegalArgumentException("no plain value: " + value.getClass());
        }
    }

    private static void writeText(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    /** @throws IOException when the bytes are of another version, or damaged */
    static List<LeftDevice> read(byte[] bytes) throws IOException {
        try (var in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int version = in.readInt();
            if (version != VERSION) {
                throw new IOException("they are of version " + version + ", and this bundle reads version " + VERSION);
            }
            List<LeftDevice> devices = new ArrayList<>();
            for (int left = in.readInt(); left > 0; left--) {
                String module = readText(in);
                String name = readText(in);
                UUID uuid = new UUID(in.readLong(), in.readLong());
                String method = readText(in);
                devices.add(new LeftDevice(module, new CreationRecord(method, readMap(in, in.readByte()), name, uuid)));
            }
            return devices;
        }
    }

    private static Object read(DataInputStream in) throws IOException {
        byte kind = in.readByte();
        return switch (kind) {
            case 'n' -> null;
            case 's' -> readText(in);
            case 'b' -> in.readBoolean();
            case 'd' -> in.readDouble();
            case 'l' -> in.readLong();
            case 'a' -> {
                List<Object> list = new ArrayList<>();
                for (int left = in.readInt(); left > 0; left--) {
                    list.add(read(in));
                }
                yield Collections.unmodifiableList(list);
            }
            default -> readMap(in, kind);
        };
    }

    private static Map<String, Object> readMap(DataInputStream in, byte kind) throws IOException {
        if (kind != 'm') {
            throw new IOException("there is no kind of value " + kind);
        }
        Map<String, Object> map = new LinkedHashMap<>();
        for (int left = in.readInt(); left > 0; left--) {
            map.put(readText(in), read(in));
        }
        return Collections.unmodifiableMap(map);
    }

    private static String readText(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > in.available()) {
            throw new IOException("a text of " + length + " bytes");
        }
        return new String(in.readNBytes(length), StandardCharsets.UTF_8);
    }
}
