package dev.karst.shell;

import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcRegistry;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.karaf.shell.api.console.Command;
import org.apache.karaf.shell.api.console.Registry;
import org.apache.karaf.shell.api.console.SessionFactory;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/**
 * Keeps the shell's commands in step with the registry: a method that comes is a command at once, one that goes is
 * none.
 */
@Component(immediate = true, service = {})
public final class GeneratedCommands {
    private static final System.Logger LOG = System.getLogger(GeneratedCommands.class.getName());

    /**
     * The shell makes this the pipe or the terminal of the command that runs; a session's console is always the
     * terminal.
     */
    private static final Supplier<PrintStream> OUTPUT = () -> System.out;

    private final RpcRegistry methods;
    private final Registry shell;
    private final List<Command> own;
    private final Map<String, RpcCommand> generated = new TreeMap<>();
    private final RpcRegistry.Watch watch;
    private boolean stopped;

    @Activate
    public GeneratedCommands(@Reference RpcRegistry registry, @Reference SessionFactory sessions) {
        this.methods = new SessionRegistry(registry);
        this.shell = sessions.getRegistry();
        this.own = own(methods);
        own.forEach(shell::register);
        this.watch = methods.watch(this::refresh);
        refresh();
    }

    /** The commands that are not a method each. */
    static List<Command> own(RpcRegistry methods) {
        return List.of(
            new CallCommand(methods, OUTPUT), new MethodsCommand(methods, OUTPUT), new StatusCommand(methods, OUTPUT),
            new TreeCommand(methods, OUTPUT), new DeleteCommand(methods, OUTPUT),
            new IostatCommand(methods, OUTPUT, TimeUnit.MILLISECONDS::sleep),
            new TopCommand(methods, OUTPUT, TimeUnit.MILLISECONDS::sleep));
    }

    @Deactivate
    synchronized void stop() {
        watch.close();
        stopped = true;
        generated.values().forEach(shell::unregister);
        generated.clear();
        own.forEach(shell::unregister);
    }

    private synchronized void refresh() {
        Map<String, RpcMethod> wanted = stopped ? Map.of() : wanted();
        generated.entrySet().removeIf(entry -> {
            boolean gone = entry.getValue().method() != wanted.get(entry.getKey());
            if (gone) {
                shell.unregister(entry.getValue());
            }
            return gone;
        });
        wanted.forEach((name, method) -> generated.computeIfAbsent(name, key -> register(method)));
    }

    private RpcCommand register(RpcMethod method) {
        RpcCommand command = new RpcCommand(methods, method, OUTPUT);
        shell.register(command);
        return command;
    }

    private Map<String, RpcMethod> wanted() {
        Map<String, RpcMethod> wanted = new LinkedHashMap<>();
        own.forEach(command -> wanted.put(command.getScope() + ":" + command.getName(), null));
        for (RpcMethod method : methods.methods()) {
            String name = method.scope() + ":" + method.command();
            if (wanted.containsKey(name)) {
                String left = method.name() + " has no command";
                LOG.log(System.Logger.Level.WARNING, "shell: " + name + " is taken; " + left);
            } else {
                wanted.put(name, method);
            }
        }
        wanted.values().removeIf(Objects::isNull);
        return wanted;
    }
}
