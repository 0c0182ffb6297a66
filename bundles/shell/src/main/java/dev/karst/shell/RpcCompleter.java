package dev.karst.shell;

import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcRegistry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.karaf.shell.api.console.Candidate;
import org.apache.karaf.shell.api.console.CommandLine;
import org.apache.karaf.shell.api.console.Completer;
import org.apache.karaf.shell.api.console.Session;
import org.apache.karaf.shell.support.completers.StringsCompleter;

/** Completes the command of a method: its name, its options, and the values of a kind that is known. */
final class RpcCompleter implements Completer {
    private final RpcMethod method;
    private final Fields fields;
    private final ThingNames things;
    private final boolean scoped;

    RpcCompleter(RpcRegistry registry, RpcMethod method, boolean scoped) {
        this.method = method;
        this.fields = new Fields(method);
        this.things = new ThingNames(registry);
        this.scoped = scoped;
    }

    @Override
    public int complete(Session session, CommandLine line, List<String> candidates) {
        if (isElsewhere(session, line)) {
            return -1;
        }
        return new StringsCompleter(words(line), true).complete(session, line, candidates);
    }

    @Override
    public void completeCandidates(Session session, CommandLine line, List<Candidate> candidates) {
        addCandidates(this, session, line, candidates);
    }

    /** After a folder's name, or that of a parameter, more follows, which the simple form cannot say. */
    static void addCandidates(Completer completer, Session session, CommandLine line, List<Candidate> candidates) {
        List<String> words = new ArrayList<>();
        completer.complete(session, line, words);
        words.stream().map(String::stripTrailing)
            .forEach(word -> candidates.add(new Candidate(word, !word.endsWith("/") && !word.endsWith("="))));
    }

    /** Whether the line is that of another command. */
    private boolean isElsewhere(Session session, CommandLine line) {
        return line.getCursorArgumentIndex() > 0
            && !fullName().equals(session.resolveCommand(line.getArguments()[0]));
    }

    private List<String> words(CommandLine line) {
        int at = line.getCursorArgumentIndex();
        if (at == 0) {
            return scoped ? List.of(method.command()) : List.of(fullName(), method.command());
        }
        String word = line.getCursorArgument() == null ? "" : line.getCursorArgument();
        return words(Arrays.asList(line.getArguments()).subList(1, at), word, false);
    }

    /**
     * The candidates for a word.
     *
     * @param before the arguments before it
     * @param assigning whether all parameters go by name, as {@code name=value}
     */
    List<String> words(List<String> before, String word, boolean assigning) {
        int equals = word.indexOf('=');
        String value = word.substring(equals + 1);
        List<String> values = current(before, word).map(field -> values(field, value)).orElse(List.of());
        if (equals > 0) {
            String named = word.substring(0, equals + 1);
            return values.stream().map(after -> named + after).toList();
        }
        boolean option = optionBefore(before).isEmpty() && (word.startsWith("-") || values.isEmpty() || assigning);
        return option ? options(assigning) : values;
    }

    private List<String> options(boolean assigning) {
        List<String> options = new ArrayList<>();
        if (assigning) {
            fields.all().forEach(field -> options.add(field.option() + "="));
        } else {
            fields.options().forEach(field -> options.add("--" + field.option()));
        }
        Field.COMMON.forEach(option -> options.add("--" + option));
        return options;
    }

    private String fullName() {
        return method.scope() + ":" + method.command();
    }

    /** What the word at the cursor is a value of. */
    private Optional<Field> current(List<String> before, String word) {
        int equals = word.indexOf('=');
        if (equals > 0) {
            return fields.named(undashed(word.substring(0, equals)));
        }
        Optional<Field> option = optionBefore(before);
        return option.isPresent() ? option : placed(before);
    }

    /** The option that waits for a value. */
    private Optional<Field> optionBefore(List<String> before) {
        String last = before.isEmpty() ? "" : before.getLast();
        Optional<Field> named = last.startsWith("--") ? fields.named(undashed(last)) : Optional.empty();
        return named.filter(field -> !field.isFlag());
    }

    /**
     * The parameter that an argument at the cursor would go to: the first that has nothing yet, or a list at the end.
     */
    private Optional<Field> placed(List<String> before) {
        List<Field> open = new ArrayList<>(fields.positional());
        int place = 0;
        boolean skip = false;
        for (String word : before) {
            boolean option = word.startsWith("--");
            Optional<Field> named = option || word.contains("=")
                ? fields.named(undashed(word).replaceFirst("=.*", ""))
                : Optional.empty();
            named.ifPresent(open::remove);
            place += option || skip || named.isPresent() ? 0 : 1;
            skip = option && !word.contains("=") && named.filter(field -> !field.isFlag()).isPresent();
        }
        int last = open.size() - 1;
        int at = last >= 0 && place > last && open.get(last).isList() ? last : place;
        return at <= last ? Optional.of(open.get(at)) : Optional.empty();
    }

    private static String undashed(String word) {
        return word.startsWith("--") ? word.substring(2) : word;
    }

    private List<String> values(Field field, String typed) {
        RpcParameter parameter = field.parameter();
        return switch (parameter.type()) {
            case BOOLEAN -> List.of("true", "false");
            case ENUM -> parameter.choices();
            default -> parameter.kind() == RpcParameter.Kind.FILE
                ? FileNames.startingWith(typed)
                : things.of(parameter.kind());
        };
    }
}
