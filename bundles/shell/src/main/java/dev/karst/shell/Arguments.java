package dev.karst.shell;

import dev.karst.rpc.RpcMethod;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * The arguments of a command as the parameters of its method. Required parameters go by their place; all go as {@code
 * --name value}, {@code --name=value} or {@code name=value}; a flag needs no value and has a {@code --no-} form; after
 * {@code --} all go by their place. A secret given as {@code -} is asked for.
 */
final class Arguments {
    private static final String ASK = "-";
    private static final String NEGATION = "no-";

    private final Fields fields;
    private final UnaryOperator<String> ask;
    private final Map<String, Object> parameters = new LinkedHashMap<>();
    private final Map<Field, Object> given = new LinkedHashMap<>();
    private final List<String> placed = new ArrayList<>();
    private Deque<String> rest = new ArrayDeque<>();
    private boolean help;
    private Format format = Format.TEXT;

    /** How to show a result. */
    enum Format {
        /** For people. */
        TEXT,
        /** Rows of tab-separated values, for scripts. */
        PLAIN,
        JSON
    }

    private Arguments(RpcMethod method, UnaryOperator<String> ask) {
        this.fields = new Fields(method);
        this.ask = ask;
    }

    /**
     * Reads the arguments.
     *
     * @param ask asks the user for a secret, given the prompt
     * @throws IllegalArgumentException in words for the user
     */
    static Arguments of(RpcMethod method, List<?> arguments, UnaryOperator<String> ask) {
        Arguments result = new Arguments(method, ask);
        result.read(arguments);
        if (!result.help) {
            result.place();
            result.build();
        }
        return result;
    }

    Map<String, Object> parameters() {
        return parameters;
    }

    /** What a call is about, for the beginning of a message: the first thing that it was given; empty for nothing. */
    String about() {
        return given.entrySet().stream().filter(entry -> !entry.getKey().parameter().secret()).findFirst()
            .map(entry -> entry.getValue() + ": ").orElse("");
    }

    boolean help() {
        return help;
    }

    Format format() {
        return format;
    }

    private void read(List<?> arguments) {
        rest = arguments.stream().map(Arguments::text).collect(Collectors.toCollection(ArrayDeque::new));
        while (!rest.isEmpty()) {
            String argument = rest.remove();
            if (argument.equals("--")) {
                placed.addAll(rest);
                rest.clear();
            } else if (argument.startsWith("--")) {
                readOption(argument.substring(2));
            } else {
                readPlain(argument);
            }
        }
    }

    /** The shell gives {@code [a b]} as a list. */
    private static String text(Object argument) {
        return argument instanceof Collection<?> list
            ? list.stream().map(String::valueOf).collect(Collectors.joining(","))
            : String.valueOf(argument);
    }

    private void readOption(String option) {
        int equals = option.indexOf('=');
        String name = equals < 0 ? option : option.substring(0, equals);
        switch (name) {
            case Field.HELP -> help = true;
            case Field.JSON -> format = Format.JSON;
            case Field.NO_FORMAT -> format = Format.PLAIN;
            default -> readField(name, equals < 0 ? null : option.substring(equals + 1));
        }
    }

    private void readField(String name, String value) {
        Optional<Field> field = fields.named(name);
        if (field.isEmpty() && name.startsWith(NEGATION) && value == null) {
            Optional<Field> negated = fields.named(name.substring(NEGATION.length())).filter(Field::isFlag);
            give(negated.orElseThrow(() -> unknown(name)), "false");
        } else {
            Field known = field.orElseThrow(() -> unknown(name));
            give(known, value != null ? value : valueOf(known));
        }
    }

    private String valueOf(Field field) {
        String next = rest.peek();
        if (field.isFlag()) {
            return "true".equals(next) || "false".equals(next) ? rest.remove() : "true";
        } else if (next == null) {
            throw new IllegalArgumentException("--" + field.option() + " wants a value: " + field.parameter().doc());
        }
        return rest.remove();
    }

    private void readPlain(String argument) {
        int equals = argument.indexOf('=');
        Optional<Field> field = equals < 0 ? Optional.empty() : fields.named(argument.substring(0, equals));
        if (field.isPresent()) {
            give(field.get(), argument.substring(equals + 1));
        } else {
            placed.add(argument);
        }
    }

    private void give(Field field, String text) {
        String value = field.parameter().secret() && text.equals(ASK) ? ask.apply(field.option() + ": ") : text;
        Object typed = Values.of(field.parameter(), value);
        Object before = given.get(field);
        if (before instanceof List<?> list && typed instanceof List<?> more) {
            given.put(field, Values.joined(list, more));
        } else if (before != null) {
            throw new IllegalArgumentException(field.option() + " is given twice");
        } else {
            given.put(field, typed);
        }
    }

    /**
     * Arguments without a name go to the required parameters that have nothing yet; a list at the end takes all that
     * remain.
     */
    private void place() {
        Deque<String> values = new ArrayDeque<>(placed);
        for (Field field : fields.positional()) {
            if (given.containsKey(field)) {
                continue;
            } else if (values.isEmpty()) {
                throw new IllegalArgumentException(field.placeholder() + " is missing: " + field.parameter().doc());
            }
            give(field, values.remove());
            boolean last = fields.positional().getLast().equals(field);
            while (field.isList() && last && !values.isEmpty()) {
                give(field, values.remove());
            }
        }
        if (!values.isEmpty()) {
            throw new IllegalArgumentException("'" + values.peek() + "' is one argument too many");
        }
    }

    private void build() {
        given.forEach((field, value) -> {
            Map<String, Object> object = parameters;
            for (String name : field.path().subList(0, field.path().size() - 1)) {
                object = inner(object, name);
            }
            object.put(field.path().getLast(), value);
        });
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> inner(Map<String, Object> object, String name) {
        return (Map<String, Object>) object.computeIfAbsent(name, key -> new LinkedHashMap<String, Object>());
    }

    private static IllegalArgumentException unknown(String name) {
        return new IllegalArgumentException("there is no option --" + name);
    }
}
