package dev.karst.shell;

import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcRegistry;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.apache.karaf.shell.api.console.Candidate;
import org.apache.karaf.shell.api.console.Command;
import org.apache.karaf.shell.api.console.CommandLine;
import org.apache.karaf.shell.api.console.Completer;
import org.apache.karaf.shell.api.console.Parser;
import org.apache.karaf.shell.api.console.Session;
import org.apache.karaf.shell.support.CommandException;
import org.apache.karaf.shell.support.completers.StringsCompleter;

/** {@code karst:rpc}: calls any method by the name that JSON-RPC has for it. */
final class CallCommand implements Command {
    private static final String HELP = """
        DESCRIPTION
            Calls a method by its JSON-RPC name.

        SYNTAX
            karst:rpc METHOD [NAME=VALUE ...]

            karst:methods lists the methods; karst:rpc METHOD --help tells what one takes.""";

    private static final String NAME = "rpc";
    private static final String FULL_NAME = OwnCommand.KARST + ":" + NAME;

    private final RpcRegistry registry;
    private final Supplier<PrintStream> output;

    CallCommand(RpcRegistry registry, Supplier<PrintStream> output) {
        this.registry = registry;
        this.output = output;
    }

    @Override
    public String getScope() {
        return OwnCommand.KARST;
    }

    @Override
    public String getName() {
        return NAME;
    }

    @Override
    public String getDescription() {
        return "Calls a method by its JSON-RPC name";
    }

    @Override
    public Parser getParser() {
        return null;
    }

    @Override
    public Completer getCompleter(boolean scoped) {
        return new Completion(scoped);
    }

    static String help() {
        return HELP;
    }

    @Override
    public Object execute(Session session, List<Object> arguments) throws Exception {
        if (arguments.isEmpty()) {
            throw RpcCommand.failure(FULL_NAME + ": METHOD is missing. See karst:methods");
        }
        String name = String.valueOf(arguments.getFirst());
        if (name.equals("--help")) {
            output.get().println(HELP);
            return null;
        }
        return new RpcCommand(registry, method(name), output).execute(session, arguments.subList(1, arguments.size()));
    }

    private RpcMethod method(String name) throws CommandException {
        return registry.method(name)
            .orElseThrow(() -> RpcCommand.failure(FULL_NAME + ": there is no method " + name + ". See karst:methods"));
    }

    /** Completes methods, then the names of their parameters with an equals sign, then values. */
    private final class Completion implements Completer {
        private final boolean scoped;

        Completion(boolean scoped) {
            this.scoped = scoped;
        }

        @Override
        public int complete(Session session, CommandLine line, List<String> candidates) {
            int at = line.getCursorArgumentIndex();
            boolean elsewhere = at > 0 && !FULL_NAME.equals(session.resolveCommand(line.getArguments()[0]));
            return elsewhere ? -1 : new StringsCompleter(words(line, at), true).complete(session, line, candidates);
        }

        @Override
        public void completeCandidates(Session session, CommandLine line, List<Candidate> candidates) {
            RpcCompleter.addCandidates(this, session, line, candidates);
        }

        private List<String> words(CommandLine line, int at) {
            if (at == 0) {
                return scoped ? List.of(NAME) : List.of(FULL_NAME, NAME);
            } else if (at == 1) {
                return registry.methods().stream().map(RpcMethod::name).toList();
            }
            List<String> arguments = Arrays.asList(line.getArguments());
            String word = line.getCursorArgument() == null ? "" : line.getCursorArgument();
            return registry.method(arguments.get(1)).map(method -> new RpcCompleter(registry, method, false)
                .words(arguments.subList(2, at), word, true)).orElse(List.of());
        }
    }
}
