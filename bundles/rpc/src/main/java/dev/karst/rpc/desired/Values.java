package dev.karst.rpc.desired;

import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Kind;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;

/** Values of parameters: where they lie, what they are when left out, and whether two mean the same. */
final class Values {
    /** Digits mean the same in both cases; what is shorter may be a name. */
    private static final Pattern HEX = Pattern.compile("(?:[0-9a-fA-F]{2}){8,}");

    private Values() {}

    /** What lies at a path with dots; null for nothing. */
    static Object at(Map<?, ?> parameters, String path) {
        Object value = parameters;
        for (String name : path.split("\\.")) {
            value = value instanceof Map<?, ?> object ? object.get(name) : null;
        }
        return value;
    }

    /** What has this name, among the parameters or in one that is an object; null for nothing. */
    static Object named(Map<?, ?> parameters, String name) {
        if (parameters.get(name) != null) {
            return parameters.get(name);
        }
        return parameters.values().stream().filter(Map.class::isInstance).map(inner -> ((Map<?, ?>) inner).get(name))
            .filter(Objects::nonNull).findFirst().orElse(null);
    }

    /** The last name of a path. */
    static String last(String path) {
        return path.substring(path.lastIndexOf('.') + 1);
    }

    /** The parameter that a path leads to; null when there is none. */
    static RpcParameter parameter(List<RpcParameter> parameters, String path) {
        RpcParameter found = null;
        List<RpcParameter> among = parameters;
        for (String name : path.split("\\.")) {
            found = among.stream().filter(one -> one.name().equals(name)).findFirst().orElse(null);
            among = found == null ? List.of() : found.fields();
        }
        return found;
    }

    /** What holds when a parameter is left out; null when that is not a value, but said in words or not at all. */
    static Object initial(RpcParameter parameter) {
        String text = parameter.initial();
        return text == null ? null : switch (parameter.type()) {
            case STRING -> text;
            case BOOLEAN -> text.equals("true") || text.equals("false") ? (Object) Boolean.valueOf(text) : null;
            case U16, U32, U64, I32 -> text.matches("-?\\d{1,18}") ? Long.valueOf(text) : null;
            case ENUM -> parameter.choices().contains(text) ? text : null;
            case UUID, OBJECT, LIST, NUMBERS -> null;
        };
    }

    /** A value such that two that mean the same are equal. */
    static Object canonical(RpcParameter parameter, Object value) {
        return switch (value) {
            case String text when ignoresCase(parameter) || HEX.matcher(text).matches() -> text.toLowerCase(Locale.ROOT);
            case List<?> list when !parameter.fields().isEmpty() || parameter.kind() != Kind.VALUE -> list;
            case List<?> list -> new HashSet<>(list);
            case null, default -> value;
        };
    }

    private static boolean ignoresCase(RpcParameter parameter) {
        return parameter.kind() == Kind.TRANSPORT
            || parameter.type() == RpcParameter.Type.UUID || parameter.type() == RpcParameter.Type.ENUM;
    }
}
