package dev.karst.shell;

import dev.karst.base.StorageException;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcRegistry;
import dev.karst.shell.text.Screen;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.karaf.shell.api.console.Command;
import org.apache.karaf.shell.api.console.Completer;
import org.apache.karaf.shell.api.console.Parser;
import org.apache.karaf.shell.api.console.Session;

/** A command that calls several methods, or none. It is described as a method is, so help and completion are the same. */
abstract class OwnCommand implements Command {
    static final String KARST = "karst";
    /** What a description ends with: nobody calls it by JSON-RPC. */
    static final RpcMethod.Handler NOT_CALLED = call -> true;

    private final RpcRegistry registry;
    private final RpcMethod description;
    private final Supplier<PrintStream> output;

    /**
     * @param description what it takes and shows; its handler is not called
     */
    OwnCommand(RpcRegistry registry, RpcMethod description, Supplier<PrintStream> output) {
        this.registry = registry;
        this.description = description;
        this.output = output;
    }

    /** Begins the description of a command. */
    static RpcMethod.Builder described(String scope, String name, String doc) {
        return RpcMethod.named("", scope, name, doc).readOnly();
    }


    @Override
    public final String getScope() {
        return description.scope();
    }

    @Override
    public final String getName() {
        return description.command();
    }

    @Override
    public final String getDescription() {
        return description.doc();
    }

    @Override
    public final Parser getParser() {
        return null;
    }

    @Override
    public final Completer getCompleter(boolean scoped) {
        return new RpcCompleter(registry, description, scoped);
    }

    @Override
    public final Object execute(Session session, List<Object> arguments) throws Exception {
        Arguments parsed = RpcCommand.parse(description, session, arguments);
        if (parsed.help()) {
            output.get().println(help());
        } else {
            try {
                run(Screen.of(session, output.get()), parsed);
            } catch (StorageException e) {
                throw new RpcCommand(registry, description, output).failure(parsed, e);
            }
        }
        return null;
    }

    /** What {@code --help} prints. */
    String help() {
        return CommandHelp.of(description);
    }

    final RpcRegistry registry() {
        return registry;
    }

    final RpcMethod description() {
        return description;
    }

    /**
     * Does what the command does.
     *
     * @throws StorageException in words for the user
     */
    abstract void run(Screen screen, Arguments arguments) throws StorageException;

    /** The result of a method without parameters; null when no bundle offers it. */
    final Object ask(String method) throws StorageException {
        return registry.method(method).isEmpty() ? null : registry.call(method, Map.of());
    }

    /** The objects that a method lists; none when no bundle offers it. */
    final List<Map<?, ?>> list(String method) throws StorageException {
        return objects(ask(method));
    }

    /** The objects in a list; none when it is no list. */
    static List<Map<?, ?>> objects(Object value) {
        return value instanceof List<?> list
            ? list.stream().<Map<?, ?>>mapMulti((element, to) -> {
                if (element instanceof Map<?, ?> object) {
                    to.accept(object);
                }
            }).toList()
            : List.of();
    }
}
