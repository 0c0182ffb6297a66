package dev.karst.rpc;

import dev.karst.base.StorageException;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Holds what a client sent against the description of a method, for every front alike. */
public final class RpcChecks {
    private static final long U16_MAX = 0xffff;
    private static final long U32_MAX = 0xffff_ffffL;

    private RpcChecks() {}

    /**
     * A call of {@code method} with these parameters.
     *
     * @throws StorageException {@link RpcError#INVALID_PARAMS}, naming the parameter, what it holds and what is expected
     */
    public static RpcCall check(RpcMethod method, Map<String, Object> sent) throws StorageException {
        checkFields(method.name(), method.parameters(), sent, method.relaxed());
        return new RpcCall(sent, percent -> {}, () -> false);
    }

    private static void checkFields(String where, List<RpcParameter> known, Map<String, Object> sent, boolean relaxed)
        throws StorageException {
        for (RpcParameter parameter : known) {
            Object value = sent.get(parameter.name());
            if (value != null) {
                checkValue(where, parameter, value);
            } else if (parameter.required()) {
                throw invalid(where, parameter.name() + " is missing: " + parameter.doc());
            }
        }
        for (String name : sent.keySet()) {
            if (!relaxed && known.stream().noneMatch(parameter -> parameter.name().equals(name))) {
                throw invalid(where, "there is no parameter " + name);
            }
        }
    }

    private static void checkValue(String where, RpcParameter parameter, Object value) throws StorageException {
        boolean right = switch (parameter.type()) {
            case STRING -> value instanceof String;
            case BOOLEAN -> value instanceof Boolean;
            case U16 -> inRange(value, 0, U16_MAX);
            case U32 -> inRange(value, 0, U32_MAX);
            case U64 -> inRange(value, 0, Long.MAX_VALUE);
            case I32 -> inRange(value, Integer.MIN_VALUE, Integer.MAX_VALUE);
            case UUID -> isUuid(value);
            case ENUM -> value instanceof String text && parameter.choices().stream().anyMatch(text::equalsIgnoreCase);
            case OBJECT -> value instanceof Map;
            case LIST -> value instanceof List;
            case NUMBERS -> value instanceof List<?> list && list.stream().allMatch(each -> inRange(each, 0, Long.MAX_VALUE));
        };
        if (!right) {
            String shown = parameter.secret() ? "a secret" : String.valueOf(value);
            throw invalid(where, parameter.name() + " is " + shown + ", which is not " + expected(parameter));
        }
        checkText(where, parameter.name(), value);
        checkInside(where + "." + parameter.name(), parameter, value);
    }

    @SuppressWarnings("unchecked")
    private static void checkInside(String where, RpcParameter parameter, Object value) throws StorageException {
        if (value instanceof Map<?, ?> object) {
            boolean free = parameter.fields().isEmpty();
            checkFields(where, parameter.fields(), (Map<String, Object>) object, free);
        } else if (parameter.type() == RpcParameter.Type.LIST && value instanceof List<?> list) {
            for (Object element : list) {
                boolean right = parameter.fields().isEmpty() ? element instanceof String : element instanceof Map;
                if (!right) {
                    String shown = parameter.secret() ? "a secret" : String.valueOf(element);
                    throw invalid(where, shown + " in the list is not " + expected(parameter));
                }
                checkText(where, "a string in the list", element);
                if (element instanceof Map<?, ?> object) {
                    checkFields(where, parameter.fields(), (Map<String, Object>) object, false);
                }
            }
        }
    }

    /** Names end up in logs, tables, paths and strings of C. */
    private static void checkText(String where, String what, Object value) throws StorageException {
        if (value instanceof String text && text.chars().anyMatch(Character::isISOControl)) {
            throw invalid(where, what + " holds a control character");
        }
    }

    private static boolean inRange(Object value, long low, long high) {
        return value instanceof Long number && number >= low && number <= high;
    }

    private static boolean isUuid(Object value) {
        try {
            return value instanceof String text && text.length() == 36 && UUID.fromString(text) != null;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static String expected(RpcParameter parameter) {
        return switch (parameter.type()) {
            case STRING -> "a string";
            case BOOLEAN -> "true or false";
            case U16 -> "a number from 0 to 65535";
            case U32 -> "a number from 0 to 4294967295";
            case U64 -> "a number from 0 up";
            case I32 -> "a whole number of 32 bits";
            case UUID -> "a UUID such as 123e4567-e89b-12d3-a456-426614174000";
            case ENUM -> "one of " + String.join(", ", parameter.choices());
            case OBJECT -> "an object";
            case LIST -> parameter.fields().isEmpty() ? "a list of strings" : "a list of objects";
            case NUMBERS -> "a list of numbers from 0 up";
        };
    }

    /** SPDK's words first: its clients look for them. */
    private static StorageException invalid(String where, String what) {
        return RpcError.invalidParameters("Invalid parameters: " + where + ": " + what);
    }
}
