package dev.karst.shell;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.rpc.RpcError;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcRegistry;
import dev.karst.shell.text.Screen;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.karaf.shell.api.console.Command;
import org.apache.karaf.shell.api.console.Completer;
import org.apache.karaf.shell.api.console.Parser;
import org.apache.karaf.shell.api.console.Session;
import org.apache.karaf.shell.support.CommandException;

/** A method of the registry as a command. */
final class RpcCommand implements Command {
    private static final Set<Integer> ABSENT = Set.of(-Errno.ENODEV, -Errno.ENOENT);
    private static final String LIST = "list";
    /** How a message begins its own next step. */
    private static final String SEE = ". See ";

    private final RpcRegistry registry;
    private final RpcMethod method;
    private final Supplier<PrintStream> output;

    RpcCommand(RpcRegistry registry, RpcMethod method, Supplier<PrintStream> output) {
        this.registry = registry;
        this.method = method;
        this.output = output;
    }

    RpcMethod method() {
        return method;
    }

    @Override
    public String getScope() {
        return method.scope();
    }

    @Override
    public String getName() {
        return method.command();
    }

    @Override
    public String getDescription() {
        return method.doc();
    }

    @Override
    public Completer getCompleter(boolean scoped) {
        return new RpcCompleter(registry, method, scoped);
    }

    /** The shell's own. */
    @Override
    public Parser getParser() {
        return null;
    }

    /** The result is printed and not given to the shell, which would print it a second time. */
    @Override
    public Object execute(Session session, List<Object> arguments) throws Exception {
        Arguments parsed = parse(method, session, arguments);
        if (parsed.help()) {
            output.get().println(CommandHelp.of(method));
        } else {
            Screen screen = Screen.of(session, output.get());
            new ResultPrinter(screen, method.columns()).print(call(parsed, screen), parsed.format());
        }
        return null;
    }

    /** What was typed behind the command of a method, or of something that is described as one. */
    static Arguments parse(RpcMethod method, Session session, List<Object> arguments) throws CommandException {
        try {
            return Arguments.of(method, arguments, prompt -> readSecret(session, prompt));
        } catch (IllegalArgumentException e) {
            String name = method.scope() + ":" + method.command();
            throw failure(name + ": " + e.getMessage() + SEE + name + " --help");
        }
    }

    private static String readSecret(Session session, String prompt) {
        if (session.getTerminal() == null) {
            throw new IllegalArgumentException("there is no terminal to ask at: karst shell without a command has one");
        }
        try {
            return session.readLine(prompt, '*');
        } catch (IOException e) {
            throw new IllegalArgumentException("it could not be read from the terminal", e);
        }
    }

    private Object call(Arguments parsed, Screen screen) throws CommandException {
        try {
            return method.runsLong()
                ? new LongCall(screen).run(caller -> registry.call(method.name(), parsed.parameters(), caller))
                : registry.call(method.name(), parsed.parameters());
        } catch (StorageException e) {
            throw failure(parsed, e);
        }
    }

    private String nextStep(int code) {
        if (code == RpcError.INVALID_PARAMS) {
            return SEE + name() + " --help";
        }
        boolean listed = registry.methods().stream()
            .anyMatch(other -> other.scope().equals(method.scope()) && other.command().equals(LIST));
        return ABSENT.contains(code) && listed ? SEE + method.scope() + ":" + LIST : "";
    }

    private String name() {
        return method.scope() + ":" + method.command();
    }

    /**
     * The shell prints exactly this line, logs nothing above debug and gives 1 as the exit status. Where a message is no more
     * than an error's bare words, as clients of SPDK want it, what the call was about goes before it.
     */
    CommandException failure(Arguments parsed, StorageException e) {
        String message = e.getMessage();
        String what = message.endsWith(".") ? message.substring(0, message.length() - 1) : message;
        boolean bare = what.equals(Errno.text(-e.code()));
        boolean said = what.contains(SEE) || what.contains(method.scope() + ":" + LIST);
        return failure(name() + ": " + (bare ? parsed.about() : "") + what + (said ? "" : nextStep(e.code())));
    }

    static CommandException failure(String line) {
        return new CommandException(line, line);
    }
}
