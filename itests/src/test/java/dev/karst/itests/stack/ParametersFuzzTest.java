package dev.karst.itests.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.StorageException;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcChecks;
import dev.karst.rpc.RpcError;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.json.Json;
import dev.karst.rpc.json.JsonException;
import dev.karst.rpc.json.JsonReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Any JSON as the parameters of every method. What is let through must be what the description allows, as a second reading of it
 * finds, and must be what a handler gets without surprise; what is not is refused in one line without secrets.
 * {@link #fuzzerTestOneInput} is also the entry for a fuzzer that is guided by coverage.
 *
 * <p>An input: two bytes that choose the method, and a text; with the first bit set, bytes that choose among what is nearly right.
 */
class ParametersFuzzTest {
    private static final int INPUTS = 60_000;
    private static final int PLANTED_INPUTS = 20_000;
    private static final JsonReader.Limits LIMITS = new JsonReader.Limits(1 << 16, 1 << 12);
    private static final List<RpcMethod> METHODS = methods();
    private static final Object[] ODD = {
        null, true, false, 0L, -1L, 65_535L, 65_536L, 4_294_967_295L, 4_294_967_296L, Long.MAX_VALUE, Long.MIN_VALUE, 1.5, "",
        "TCP", "tcp", "a\u0000b", "123e4567-e89b-12d3-a456-426614174000", "1-1-1-1-1", "0x10", List.of(), List.of("a"), List.of(1L),
        List.of(Map.of()), Map.of()};

    /** Decides between possibilities: gives a number from 0 to below the one that it is given. */
    @FunctionalInterface
    private interface Choice {
        int below(int bound);
    }

    /** What is tested: {@link RpcChecks#check}, or one with a bug. */
    @FunctionalInterface
    interface Subject {
        RpcCall check(RpcMethod method, Map<String, Object> sent) throws StorageException;
    }

    private static List<RpcMethod> methods() {
        try {
            return ReferenceTest.methods();
        } catch (StorageException e) {
            throw new IllegalStateException(e);
        }
    }

    /** One input. */
    public static void fuzzerTestOneInput(byte[] input) {
        hold(RpcChecks::check, input);
    }

    @SuppressWarnings("unchecked")
    private static void hold(Subject subject, byte[] input) {
        if (input.length < 2) {
            return;
        }
        RpcMethod method = METHODS.get(((input[0] & 0x7f) << 8 | input[1] & 0xff) % METHODS.size());
        if (input[0] < 0) {
            hold(subject, method, object(choices(input), method.parameters()));
            return;
        }
        JsonReader reader = JsonReader.of(new ByteArrayInputStream(input, 2, input.length - 2), LIMITS);
        try {
            if (reader.next() && reader.document() instanceof Map<?, ?> sent) {
                hold(subject, method, (Map<String, Object>) sent);
            }
        } catch (IOException | JsonException e) {
            // no parameters
        }
    }

    private static void hold(Subject subject, RpcMethod method, Map<String, Object> sent) {
        boolean allowed = allows(method.parameters(), sent, method.relaxed());
        try {
            RpcCall call = subject.check(method, sent);
            assertTrue(allowed, () -> method.name() + " is let through: " + sent);
            get(call, method.parameters());
        } catch (StorageException e) {
            assertFalse(allowed, () -> method.name() + " is refused: " + sent + ": " + e.getMessage());
            assertEquals(RpcError.INVALID_PARAMS, e.code());
            assertTrue(e.getMessage().startsWith("Invalid parameters: " + method.name()), e.getMessage());
            holdSecrets(method, sent, e.getMessage());
        }
    }

    private static void holdSecrets(RpcMethod method, Map<String, Object> sent, String message) {
        for (RpcParameter parameter : method.parameters()) {
            String value = String.valueOf(sent.get(parameter.name()));
            assertFalse(parameter.secret() && value.startsWith("s3cret") && message.contains(value), message);
        }
    }

    /** The description read a second time. */
    private static boolean allows(List<RpcParameter> known, Map<?, ?> sent, boolean relaxed) {
        boolean allKnown = relaxed || known.stream().map(RpcParameter::name).toList().containsAll(sent.keySet());
        return allKnown && known.stream().allMatch(parameter -> sent.get(parameter.name()) == null
            ? !parameter.required() : allows(parameter, sent.get(parameter.name())));
    }

    private static boolean allows(RpcParameter parameter, Object value) {
        return switch (parameter.type()) {
            case STRING -> isText(value);
            case ENUM -> value instanceof String text
                && parameter.choices().stream().anyMatch(choice -> choice.equalsIgnoreCase(text));
            case UUID -> value instanceof String text
                && text.matches("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");
            case BOOLEAN -> value instanceof Boolean;
            case U16 -> value instanceof Long number && number >>> 16 == 0;
            case U32 -> value instanceof Long number && number >>> 32 == 0;
            case U64 -> value instanceof Long number && number >= 0;
            case I32 -> value instanceof Long number && number == number.intValue();
            case OBJECT -> value instanceof Map<?, ?> object
                && allows(parameter.fields(), object, parameter.fields().isEmpty());
            case LIST -> value instanceof List<?> list && list.stream().allMatch(element -> parameter.fields().isEmpty()
                ? isText(element) : element instanceof Map<?, ?> object && allows(parameter.fields(), object, false));
            case NUMBERS -> value instanceof List<?> list
                && list.stream().allMatch(element -> element instanceof Long number && number >= 0);
        };
    }

    private static boolean isText(Object value) {
        return value instanceof String text && !text.matches("(?s).*[\\x00-\\x1f\\x7f-\\x9f].*");
    }

    /** What a handler may ask for. */
    private static void get(RpcCall call, List<RpcParameter> parameters) {
        for (RpcParameter parameter : parameters) {
            String name = parameter.name();
            switch (parameter.type()) {
                case STRING, ENUM -> call.string(name, "");
                case UUID -> call.uuid(name);
                case BOOLEAN -> call.flag(name, false);
                case U16, U32, U64, I32 -> call.number(name, 0);
                case OBJECT -> {
                    if (call.has(name)) {
                        get(call.object(name), parameter.fields());
                    }
                }
                case NUMBERS -> call.numbers(name).forEach(Long::longValue);
                case LIST -> {
                    if (parameter.fields().isEmpty()) {
                        call.strings(name).forEach(String::length);
                    }
                }
            }
        }
    }

    /** The bytes from the third on, and then zeros. */
    private static Choice choices(byte[] input) {
        int[] at = {2};
        return bound -> at[0] < input.length ? (input[at[0]++] & 0xff) % bound : 0;
    }

    /** Parameters that are nearly right, so that each rule decides. */
    private static byte[] input(SplittableRandom random) {
        int number = random.nextInt(METHODS.size());
        String text = Json.text(object(random::nextInt, METHODS.get(number).parameters()));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(number >> 8);
        bytes.write(number);
        bytes.writeBytes(text.getBytes(StandardCharsets.UTF_8));
        return bytes.toByteArray();
    }

    private static Map<String, Object> object(Choice choice, List<RpcParameter> parameters) {
        Map<String, Object> sent = new LinkedHashMap<>();
        for (RpcParameter parameter : parameters) {
            if (parameter.required() ? choice.below(20) > 0 : choice.below(3) == 0) {
                sent.put(parameter.name(), choice.below(6) == 0 ? ODD[choice.below(ODD.length)] : right(choice, parameter));
            }
        }
        if (choice.below(20) == 0) {
            sent.put("unknown", 1L);
        }
        return sent;
    }

    private static Object right(Choice choice, RpcParameter parameter) {
        return switch (parameter.type()) {
            case STRING -> parameter.secret() ? "s3cret" + choice.below(100) : "text";
            case BOOLEAN -> true;
            case U16 -> 65_535L;
            case U32 -> 4_294_967_295L;
            case U64 -> Long.MAX_VALUE;
            case I32 -> (long) Integer.MIN_VALUE;
            case UUID -> "123e4567-e89b-12d3-a456-426614174000";
            case ENUM -> parameter.choices().isEmpty() ? "" : parameter.choices().get(choice.below(parameter.choices().size()));
            case OBJECT -> object(choice, parameter.fields());
            case LIST -> parameter.fields().isEmpty() ? List.of("a", "b") : List.of(object(choice, parameter.fields()));
            case NUMBERS -> List.of(0L, Long.MAX_VALUE);
        };
    }

    private static void play(Subject subject, int inputs) {
        SplittableRandom random = new SplittableRandom(20_261_126);
        for (int i = 0; i < inputs; i++) {
            hold(subject, input(random));
        }
    }

    @Test
    void shouldLetThroughWhatDescriptionAllowsAndNothingElseWhenParametersAreAny() {
        play(RpcChecks::check, INPUTS);
    }

    @Test
    void shouldFindEachWrongCheckWhenItIsPlanted() {
        Map<String, Subject> planted = new LinkedHashMap<>();
        planted.put("nothing is checked", (method, sent) -> new RpcCall(sent, percent -> {}, () -> false));
        planted.put("unknown parameters are passed over", (method, sent) -> {
            Map<String, Object> known = new LinkedHashMap<>(sent);
            known.keySet().retainAll(method.parameters().stream().map(RpcParameter::name).toList());
            return RpcChecks.check(method, known);
        });
        planted.put("what is required may be absent", (method, sent) -> {
            try {
                return RpcChecks.check(method, sent);
            } catch (StorageException e) {
                if (e.getMessage().contains(" is missing: ")) {
                    return new RpcCall(sent, percent -> {}, () -> false);
                }
                throw e;
            }
        });
        planted.put("the message shows all that was sent", (method, sent) -> {
            try {
                return RpcChecks.check(method, sent);
            } catch (StorageException e) {
                throw new StorageException(e.code(), e.getMessage() + sent);
            }
        });
        planted.put("another code", (method, sent) -> {
            try {
                return RpcChecks.check(method, sent);
            } catch (StorageException e) {
                throw new StorageException(-22, e.getMessage());
            }
        });
        List<String> unnoticed = new ArrayList<>();
        planted.forEach((bug, subject) -> {
            if (!isFound(subject)) {
                unnoticed.add(bug);
            }
        });
        assertEquals(List.of(), unnoticed);
    }

    private static boolean isFound(Subject subject) {
        try {
            play(subject, PLANTED_INPUTS);
            return false;
        } catch (AssertionError e) {
            return true;
        }
    }
}
