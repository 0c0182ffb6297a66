package dev.karst.shell;

import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.json.Json;
import dev.karst.rpc.json.JsonException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a person typed, as the value that a parameter holds. */
final class Values {
    private static final Pattern SIZE = Pattern.compile("(\\d+)([KMGTP])?(?:iB|B)?", Pattern.CASE_INSENSITIVE);
    private static final String SUFFIXES = "KMGTP";
    private static final int BITS_PER_SUFFIX = 10;

    private Values() {}

    /**
     * The value of a text.
     *
     * @throws IllegalArgumentException saying what was expected; a secret is not shown
     */
    static Object of(RpcParameter parameter, String text) {
        return switch (parameter.type()) {
            case STRING, UUID, ENUM -> text;
            case BOOLEAN -> flag(parameter, text);
            case U16, I32 -> number(parameter, text);
            case U32, U64 -> size(parameter, text);
            case OBJECT -> parameter.kind() == RpcParameter.Kind.FILE && !text.startsWith("{")
                ? Documents.read(text)
                : json(parameter, text, Map.class);
            case LIST -> list(parameter, text);
            case NUMBERS -> Arrays.stream(text.split(",")).map(each -> size(parameter, each)).toList();
        };
    }

    private static Boolean flag(RpcParameter parameter, String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw wrong(parameter, text, "true or false");
        };
    }

    private static Long number(RpcParameter parameter, String text) {
        try {
            return Long.decode(text);
        } catch (NumberFormatException e) {
            throw wrong(parameter, text, "a number");
        }
    }

    private static Long size(RpcParameter parameter, String text) {
        if (text.startsWith("0x")) {
            return number(parameter, text);
        }
        try {
            Matcher matcher = SIZE.matcher(text);
            if (matcher.matches()) {
                String suffix = matcher.group(2) == null ? "" : matcher.group(2).toUpperCase(Locale.ROOT);
                int power = suffix.isEmpty() ? 0 : 1 + SUFFIXES.indexOf(suffix);
                return Math.multiplyExact(Long.parseLong(matcher.group(1)), 1L << BITS_PER_SUFFIX * power);
            }
        } catch (ArithmeticException | NumberFormatException e) {
            // too large: as wrong as any other text
        }
        throw wrong(parameter, text, "a number such as 4096, 64K or 10G");
    }

    private static List<?> list(RpcParameter parameter, String text) {
        if (parameter.fields().isEmpty()) {
            return List.of(text.split(","));
        } else if (text.startsWith("{")) {
            return List.of(json(parameter, text, Map.class));
        } else {
            return json(parameter, text, List.class);
        }
    }

    private static <T> T json(RpcParameter parameter, String text, Class<T> type) {
        try {
            Object value = Json.parse(text);
            if (type.isInstance(value)) {
                return type.cast(value);
            }
        } catch (JsonException e) {
            // told below
        }
        throw wrong(parameter, text, type == Map.class ? "a JSON object" : "a JSON array of objects");
    }

    /** Adds what was given to what had been given before, for a list that is built from repeated options. */
    static List<?> joined(List<?> before, List<?> more) {
        List<Object> all = new ArrayList<>(before);
        all.addAll(more);
        return all;
    }

    private static IllegalArgumentException wrong(RpcParameter parameter, String text, String expected) {
        String shown = parameter.secret() ? "what was given" : "'" + text + "'";
        return new IllegalArgumentException(parameter.name() + ": " + shown + " is not " + expected);
    }
}
