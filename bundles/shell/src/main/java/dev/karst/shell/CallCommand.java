package dev.karst.shell;

import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcRegistry;
import java.io.PrintStream;
import java.util.List;
import java.util.function.Supplier;
import org.apache.karaf.shell.api.console.Session;

/** {@code karst:rpc}: calls any method by the name that JSON-RPC has for it. */
final class CallCommand extends OwnCommand {
    private final RpcRegistry registry;

    CallCommand(RpcRegistry registry, Supplier<PrintStream> output) {
        super("rpc", "Calls a method by its JSON-RPC name", output);
        this.registry = registry;
    }

    @Override
    List<String> words() {
        return registry.methods().stream().map(RpcMethod::name).toList();
    }

    @Override
    String syntax() {
        return " METHOD [NAME=VALUE ...]\n\n"
            + "    karst:methods lists the methods; karst:rpc METHOD --help tells what one takes.";
    }

    @Override
    void run(Session session, List<Object> arguments) throws Exception {
        if (arguments.isEmpty()) {
            throw RpcCommand.failure("karst:rpc: METHOD is missing. See karst:methods");
        }
        String name = String.valueOf(arguments.getFirst());
        RpcMethod method = registry.method(name)
            .orElseThrow(() -> RpcCommand.failure("karst:rpc: there is no method " + name + ". See karst:methods"));
        new RpcCommand(registry, method, this::out).execute(session, arguments.subList(1, arguments.size()));
    }
}
