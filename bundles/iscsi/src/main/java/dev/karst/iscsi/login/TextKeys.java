package dev.karst.iscsi.login;

import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/** Text of keys and values: {@code key=value}, each with a NUL behind it. RFC 7143, 6.1. */
public final class TextKeys {
    /** Most bytes of the text of one request, whatever PDUs it comes in. */
    public static final int MAX_BYTES = 64 * 1024;

    private static final int MAX_KEY = 63;
    private static final int MAX_VALUE = 8192;
    private static final int MAX_PAIRS = 256;

    private final StringBuilder text = new StringBuilder();

    /**
     * The pairs, in order; null when it is no such text: a key without a value, a key twice, one that is too long or has other characters
     * than keys may have, or too many.
     */
    public static SequencedMap<String, String> parse(byte[] bytes) {
        String all;
        try {
            all = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            return null;
        }
        SequencedMap<String, String> pairs = new LinkedHashMap<>();
        for (String pair : all.split("\0")) {
            if (!pair.isEmpty() && (!add(pairs, pair) || pairs.size() > MAX_PAIRS)) {
                return null;
            }
        }
        return pairs;
    }

    private static boolean add(Map<String, String> pairs, String pair) {
        int equals = pair.indexOf('=');
        if (equals < 1 || equals > MAX_KEY || pair.length() - equals - 1 > MAX_VALUE) {
            return false;
        }
        String key = pair.substring(0, equals);
        return key.chars().allMatch(TextKeys::isOfKey) && pairs.putIfAbsent(key, pair.substring(equals + 1)) == null;
    }

    /** RFC 7143, 6.1: standard-label. */
    private static boolean isOfKey(int c) {
        return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || ".-+@_#".indexOf(c) >= 0;
    }

    /** Adds a pair. */
    public TextKeys add(String key, Object value) {
        text.append(key).append('=').append(value).append('\0');
        return this;
    }

    /** All that was added. */
    public byte[] bytes() {
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }
}
