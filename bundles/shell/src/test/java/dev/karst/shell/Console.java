package dev.karst.shell;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.rpc.ConfigSource;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcCaller;
import dev.karst.rpc.RpcChecks;
import dev.karst.rpc.RpcError;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Type;
import dev.karst.rpc.RpcRegistry;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.karaf.shell.api.console.Command;
import org.apache.karaf.shell.api.console.CommandLine;
import org.apache.karaf.shell.api.console.Registry;
import org.apache.karaf.shell.api.console.Session;
import org.apache.karaf.shell.api.console.SessionFactory;
import org.apache.karaf.shell.api.console.Terminal;
import org.apache.karaf.shell.support.CommandException;

/** A shell session and a registry, as much of them as the commands use. */
final class Console implements RpcRegistry {
    static final RpcMethod CREATE = RpcMethod.named("bdev_malloc_create", "bdev", "create-malloc", "Makes a block device in memory")
        .takes(
            RpcParameter.required("num_blocks", Type.U64, "The number of blocks"),
            RpcParameter.required("block_size", Type.U32, "Bytes in a block"),
            RpcParameter.optional("name", Type.STRING, "The name").initially("Malloc0, Malloc1 and so on"),
            RpcParameter.optional("dif_type", Type.ENUM, "The protection").oneOf("none", "type1"),
            RpcParameter.optional("zeroed", Type.BOOLEAN, "Whether it is zeroed"))
        .does(call -> call.parameters());
    static final RpcMethod LISTENER = RpcMethod.named("nvmf_subsystem_add_listener", "nvmf", "listener-create", "Adds a listener")
        .takes(
            RpcParameter.required("nqn", Type.STRING, "The subsystem").of(RpcParameter.Kind.SUBSYSTEM),
            RpcParameter.required("listen_address", Type.OBJECT, "Where").holding(
                RpcParameter.required("trtype", Type.ENUM, "The transport").oneOf("TCP"),
                RpcParameter.required("traddr", Type.STRING, "The address"),
                RpcParameter.optional("nqn", Type.STRING, "A name that is taken")),
            RpcParameter.optional("key", Type.STRING, "The key").hidden(),
            RpcParameter.optional("port", Type.U16, "A port").hidden())
        .does(call -> true);
    static final RpcMethod RAID = RpcMethod.named("bdev_raid_create", "bdev", "create-raid", "Makes a RAID")
        .takes(
            RpcParameter.required("name", Type.STRING, "The name"),
            RpcParameter.required("base_bdevs", Type.LIST, "The members").of(RpcParameter.Kind.BDEV),
            RpcParameter.optional("hosts", Type.LIST, "Hosts").holding(RpcParameter.required("nqn", Type.STRING, "Its NQN")))
        .does(call -> call.parameters());
    static final RpcMethod DELETE = RpcMethod.named("bdev_malloc_delete", "bdev", "delete", "Deletes a block device")
        .takes(RpcParameter.required("name", Type.STRING, "The name").of(RpcParameter.Kind.BDEV))
        .does(call -> {
            throw StorageException.errno(Errno.ENODEV, "bdev " + call.string("name") + ": No such device");
        });
    static final RpcMethod LIST = RpcMethod.named("bdev_get_bdevs", "bdev", "list", "Lists block devices")
        .shows("Name", "name").shows("Blocks", "num_blocks").shows("Aliases", "aliases")
        .readOnly()
        .does(call -> List.of(
            Map.of("name", "ram0", "num_blocks", 16384L, "block_size", 512L, "product_name", "Malloc disk", "aliases",
                List.of("a/b", "c"), "claimed", true),
            Map.of("name", "ra\u001bm1", "num_blocks", 3L, "block_size", 512L, "product_name", "Null disk", "aliases", List.of(), "claimed", false)));

    final Map<String, RpcMethod> methods = new TreeMap<>();
    final List<Command> commands = new ArrayList<>();
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    /** Who made the last call. */
    RpcCaller caller;
    /** What the session runs at; null for none. */
    Terminal terminal;
    /** Is told all that was printed. */
    Consumer<String> whenPrinted = text -> {};
    private Runnable listener = () -> {};
    final Session session = fake(Session.class);
    final SessionFactory factory = fake(SessionFactory.class);

    Console(RpcMethod... methods) {
        List.of(methods).forEach(method -> this.methods.put(method.name(), method));
    }

    PrintStream output() {
        return new PrintStream(printed, true, StandardCharsets.UTF_8) {
            @Override
            public void flush() {
                super.flush();
                whenPrinted.accept(printed.toString(StandardCharsets.UTF_8));
            }
        };
    }

    private <T> T fake(Class<T> type) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> switch (method.getName()) {
            case "readLine" -> "typed";
            case "getTerminal" -> terminal;
            case "resolveCommand" -> arguments[0];
            case "getRegistry" -> fake(Registry.class);
            case "register" -> commands.add((Command) arguments[0]) ? null : null;
            case "unregister" -> commands.remove(arguments[0]) ? null : null;
            default -> throw new UnsupportedOperationException(method.toString());
        }));
    }

    /** Runs a command as the shell would, on words split at blanks. */
    String run(Command command, String line) throws Exception {
        printed.reset();
        List<Object> words = line.isBlank() ? List.of() : List.of((Object[]) line.strip().split(" +"));
        if (command.execute(session, words) != null) {
            throw new AssertionError("the shell would print the result again");
        }
        return printed.toString(StandardCharsets.UTF_8);
    }

    String run(RpcMethod method, String line) throws Exception {
        return run(new RpcCommand(this, method, this::output), line);
    }

    /** The line that the shell shows for a command that fails. */
    String failure(RpcMethod method, String line) throws Exception {
        try {
            return "no failure: " + run(method, line);
        } catch (CommandException e) {
            return e.getNiceHelp();
        }
    }

    /** Completes at the end of a line. */
    List<String> complete(RpcMethod method, String line) {
        return complete(new RpcCommand(this, method, this::output), line);
    }

    List<String> complete(Command command, String line) {
        String[] words = line.split(" ", -1);
        List<String> candidates = new ArrayList<>();
        command.getCompleter(false).complete(session, new Line(line, words), candidates);
        return candidates.stream().map(String::strip).sorted().toList();
    }

    /** A line with the cursor at its end. */
    private record Line(String text, String[] words) implements CommandLine {
        @Override
        public int getCursorArgumentIndex() {
            return words.length - 1;
        }

        @Override
        public String getCursorArgument() {
            return words[words.length - 1];
        }

        @Override
        public int getArgumentPosition() {
            return getCursorArgument().length();
        }

        @Override
        public String[] getArguments() {
            return words;
        }

        @Override
        public int getBufferPosition() {
            return text.length();
        }

        @Override
        public String getBuffer() {
            return text;
        }
    }

    void change(Runnable change) {
        change.run();
        listener.run();
    }

    @Override
    public List<RpcMethod> methods() {
        return List.copyOf(methods.values());
    }

    @Override
    public Optional<RpcMethod> method(String name) {
        return Optional.ofNullable(methods.get(name));
    }

    @Override
    public Object call(String name, Map<String, Object> parameters) throws StorageException {
        return call(name, parameters, RpcCaller.PATIENT);
    }

    @Override
    public Object call(String name, Map<String, Object> parameters, RpcCaller caller) throws StorageException {
        this.caller = caller;
        RpcMethod method = method(name).orElseThrow(() -> RpcError.methodNotFound(name));
        Map<String, Object> checked = RpcChecks.check(method, parameters).parameters();
        return method.handler().call(new RpcCall(checked, caller::progress, caller::isGone));
    }

    @Override
    public Object replay(String name, Map<String, Object> parameters) {
        throw new UnsupportedOperationException(name);
    }

    @Override
    public List<ConfigSource> configSources() {
        return List.of();
    }

    @Override
    public Watch watch(Runnable listener) {
        this.listener = listener;
        return () -> this.listener = () -> {};
    }
}
