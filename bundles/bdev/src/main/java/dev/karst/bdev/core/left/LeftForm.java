package dev.karst.bdev.core.left;

import dev.karst.base.StateReader;
import dev.karst.base.StateWriter;
import dev.karst.base.StorageException;
import dev.karst.bdev.module.CreationRecord;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Left devices as bytes: how many there are, and of each its module, name, UUID, method and parameters. A plain value is a number
 * for its kind and its contents.
 */
final class LeftForm {
    private static final int VERSION = 1;
    private static final int NULL = 0;
    private static final int TEXT = 1;
    private static final int FLAG = 2;
    private static final int NUMBER = 3;
    private static final int FRACTION = 4;
    private static final int LIST = 5;
    private static final int MAP = 6;

    private LeftForm() {}

    static byte[] write(List<LeftDevice> devices) {
        var out = new StateWriter(VERSION).number(devices.size());
        for (LeftDevice device : devices) {
            CreationRecord record = device.record();
            out.text(device.module()).text(record.name()).uuid(record.uuid()).text(record.method());
            write(out, record.parameters());
        }
        return out.end();
    }

    private static void write(StateWriter out, Map<?, ?> map) {
        out.number(map.size());
        map.forEach((key, value) -> write(out.text((String) key), value));
    }

    private static void write(StateWriter out, Object value) {
        switch (value) {
            case null -> out.number(NULL);
            case String text -> out.number(TEXT).text(text);
            case Boolean flag -> out.number(FLAG).flag(flag);
            case Double number -> out.number(FRACTION).number(Double.doubleToRawLongBits(number));
            case Number number -> out.number(NUMBER).number(number.longValue());
            case List<?> list -> {
                out.number(LIST).number(list.size());
                list.forEach(each -> write(out, each));
            }
            case Map<?, ?> map -> write(out.number(MAP), map);
            default -> throw new IllegalArgumentException("no plain value: " + value.getClass());
        }
    }

    /** @throws StorageException EINVAL when the bytes are of another version, or damaged */
    static List<LeftDevice> read(byte[] state) throws StorageException {
        var in = new StateReader(state, VERSION);
        List<LeftDevice> devices = new ArrayList<>();
        for (long left = in.number(); left > 0; left--) {
            String module = in.text();
            String name = in.text();
            UUID uuid = in.uuid();
            String method = in.text();
            devices.add(new LeftDevice(module, new CreationRecord(method, map(in), name, uuid)));
        }
        in.end();
        return devices;
    }

    private static Map<String, Object> map(StateReader in) throws StorageException {
        Map<String, Object> map = new LinkedHashMap<>();
        for (long left = in.number(); left > 0; left--) {
            map.put(in.text(), value(in));
        }
        return Collections.unmodifiableMap(map);
    }

    private static List<Object> list(StateReader in) throws StorageException {
        List<Object> list = new ArrayList<>();
        for (long left = in.number(); left > 0; left--) {
            list.add(value(in));
        }
        return Collections.unmodifiableList(list);
    }

    private static Object value(StateReader in) throws StorageException {
        return switch (in.number(NULL, MAP)) {
            case NULL -> null;
            case TEXT -> in.text();
            case FLAG -> in.flag();
            case NUMBER -> in.number();
            case FRACTION -> Double.longBitsToDouble(in.number());
            case LIST -> list(in);
            default -> map(in);
        };
    }
}
