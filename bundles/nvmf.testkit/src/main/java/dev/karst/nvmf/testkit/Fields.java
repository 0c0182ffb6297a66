package dev.karst.nvmf.testkit;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The words of a step that say {@code name=value}; a name alone has the value 1. Who reads a step asks for all names that
 * it knows, so what nobody asked for is a mistake.
 */
public final class Fields {
    private final Map<String, String> values = new LinkedHashMap<>();
    private final Set<String> asked = new HashSet<>();

    /** Those of the words from {@code first} on. */
    public Fields(String[] words, int first) {
        for (int i = first; i < words.length; i++) {
            String[] pair = words[i].split("=", 2);
            if (values.put(pair[0], pair.length == 1 ? "1" : pair[1]) != null) {
                throw new AssertionError(pair[0] + " is there twice");
            }
        }
    }

    /** Fails if there is a name that nobody asked for. */
    public void checkAllAsked() {
        for (String name : values.keySet()) {
            if (!asked.contains(name)) {
                throw new AssertionError("there is no field " + name + " here");
            }
        }
    }

    /** Those that there are of some, in the order of the step. */
    List<String> among(Set<String> names) {
        asked.addAll(names);
        return values.keySet().stream().filter(names::contains).toList();
    }

    public boolean has(String name) {
        asked.add(name);
        return values.containsKey(name);
    }

    public long number(String name, long otherwise) {
        return has(name) ? number(values.get(name)) : otherwise;
    }

    public static long number(String value) {
        return value.startsWith("0x") ? Long.parseUnsignedLong(value.substring(2), 16) : Long.parseLong(value);
    }

    public int small(String name, int otherwise) {
        return (int) number(name, otherwise);
    }

    public String text(String name, String otherwise) {
        return has(name) ? values.get(name) : otherwise;
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

    /** Figures such as {@code 8:2:7}, by commas: at byte 8 two bytes that say 7. */
    List<Figure> figures(String name) {
        List<Figure> figures = new ArrayList<>();
        for (String each : has(name) ? values.get(name).split(",") : new String[0]) {
            figures.add(Figure.of(each));
        }
        return figures;
    }

    /** So many bytes at a place, and what they say. */
    record Figure(int offset, int bytes, long value) {
        /** From its text; without a value it is 0. */
        static Figure of(String text) {
            String[] parts = text.split(":");
            long value = parts.length > 2 ? number(parts[2]) : 0;
            return new Figure(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]), value);
        }

        void putInto(Bytes target) {
            target.set(offset, bytes, value);
        }

        /** What is there in {@code data}. */
        long in(byte[] data) {
            Bytes all = new Bytes(data);
            return switch (bytes) {
                case 1 -> all.u8(offset);
                case 2 -> all.u16(offset);
                case 4 -> all.u32(offset);
                default -> all.u64(offset);
            };
        }
    }
}
