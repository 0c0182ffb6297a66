package dev.karst.nvmf.testkit;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/** The words of a step that say {@code name=value}; a name alone has the value 1. */
final class Fields {
    private final Map<String, String> values = new LinkedHashMap<>();

    Fields(String[] words, int first) {
        for (int i = first; i < words.length; i++) {
            String[] pair = words[i].split("=", 2);
            values.put(pair[0], pair.length == 1 ? "1" : pair[1]);
        }
    }

    boolean has(String name) {
        return values.containsKey(name);
    }

    long number(String name, long otherwise) {
        String value = values.get(name);
        if (value == null) {
            return otherwise;
        }
        return value.startsWith("0x") ? Long.parseUnsignedLong(value.substring(2), 16) : Long.parseLong(value);
    }

    int small(String name, int otherwise) {
        return (int) number(name, otherwise);
    }

    String text(String name, String otherwise) {
        return values.getOrDefault(name, otherwise);
    }

    /** Bytes of a name: as it is written, {@code hex:6e71}, or {@code a*256} for so many times the same. */
    byte[] bytes(String name, String otherwise) {
        String value = text(name, otherwise);
        if (value.startsWith("hex:")) {
            return HexFormat.of().parseHex(value.substring(4));
        }
        int star = value.indexOf('*');
        if (star > 0) {
            return value.substring(0, star).repeat(Integer.parseInt(value.substring(star + 1)))
                .getBytes(StandardCharsets.UTF_8);
        }
        return value.getBytes(StandardCharsets.UTF_8);
    }

    /** All that are set, by name. */
    Iterable<String> names() {
        return values.keySet();
    }
}
