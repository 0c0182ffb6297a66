package dev.karst.shell;

import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcRegistry;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Supplier;
import org.apache.karaf.shell.api.console.Session;

/** {@code karst:methods}: all methods with their commands. */
final class MethodsCommand extends OwnCommand {
    private static final RpcMethod DESCRIPTION = RpcMethod.named("", SCOPE, "methods", "")
        .shows("Method", "method").shows("Command", "command").shows("Role", "role").shows("What it does", "doc")
        .does(call -> null);

    private final RpcRegistry registry;

    MethodsCommand(RpcRegistry registry, Supplier<PrintStream> output) {
        super("methods", "Lists all methods with the commands that call them", output);
        this.registry = registry;
    }

    @Override
    String syntax() {
        return " [--json] [--no-format]";
    }

    @Override
    void run(Session session, List<Object> arguments) throws Exception {
        try {
            Arguments parsed = Arguments.of(DESCRIPTION, arguments, prompt -> "");
            List<Map<String, Object>> rows = registry.methods().stream().map(MethodsCommand::row).toList();
            new ResultPrinter(out(), DESCRIPTION.columns()).print(rows, parsed.format());
        } catch (IllegalArgumentException e) {
            throw RpcCommand.failure("karst:methods: " + e.getMessage() + ". See karst:methods --help");
        }
    }

    private static Map<String, Object> row(RpcMethod method) {
        SequencedMap<String, Object> row = new LinkedHashMap<>();
        row.put("method", method.name());
        row.put("command", method.scope() + ":" + method.command());
        row.put("role", method.role().name().toLowerCase(Locale.ROOT));
        row.put("doc", method.doc());
        return row;
    }
}
