package dev.karst.shell;

import java.io.PrintStream;
import java.util.List;
import java.util.function.Supplier;
import org.apache.karaf.shell.api.console.Command;
import org.apache.karaf.shell.api.console.Completer;
import org.apache.karaf.shell.api.console.Parser;
import org.apache.karaf.shell.api.console.Session;
import org.apache.karaf.shell.support.completers.StringsCompleter;

/** A command that is not made from a method. */
abstract class OwnCommand implements Command {
    static final String SCOPE = "karst";

    private final String name;
    private final String description;
    private final Supplier<PrintStream> output;

    OwnCommand(String name, String description, Supplier<PrintStream> output) {
        this.name = name;
        this.description = description;
        this.output = output;
    }

    @Override
    public String getScope() {
        return SCOPE;
    }

    @Override
    public String getName() {
        return name;
    }

    @Override
    public String getDescription() {
        return description;
    }

    @Override
    public Parser getParser() {
        return null;
    }

    /** The candidates for the first argument. */
    List<String> words() {
        return List.of();
    }

    @Override
    public Completer getCompleter(boolean scoped) {
        return (session, line, candidates) -> {
            List<String> names = scoped ? List.of(name) : List.of(SCOPE + ":" + name, name);
            if (line.getCursorArgumentIndex() == 0) {
                return new StringsCompleter(names).complete(session, line, candidates);
            }
            boolean own = (SCOPE + ":" + name).equals(session.resolveCommand(line.getArguments()[0]));
            boolean first = line.getCursorArgumentIndex() == 1;
            return own && first ? new StringsCompleter(words()).complete(session, line, candidates) : -1;
        };
    }

    @Override
    public Object execute(Session session, List<Object> arguments) throws Exception {
        List<String> texts = arguments.stream().map(String::valueOf).toList();
        if (texts.equals(List.of("--help"))) {
            out().println(help());
        } else {
            run(session, arguments);
        }
        return null;
    }

    /** What {@code --help} prints. */
    String help() {
        return "DESCRIPTION\n    " + description + ".\n\nSYNTAX\n    " + SCOPE + ":" + name + syntax();
    }

    PrintStream out() {
        return output.get();
    }

    /** What follows the name. */
    String syntax() {
        return "";
    }

    abstract void run(Session session, List<Object> arguments) throws Exception;
}
