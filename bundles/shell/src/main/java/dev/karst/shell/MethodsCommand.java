package dev.karst.shell;

import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcRegistry;
import dev.karst.shell.text.Screen;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Supplier;

/** {@code karst:methods}: all methods with their commands. */
final class MethodsCommand extends OwnCommand {
    MethodsCommand(RpcRegistry registry, Supplier<PrintStream> output) {
        super(registry, described(KARST, "methods", "Lists all methods with the commands that call them")
            .shows("METHOD", "method").shows("COMMAND", "command").shows("ROLE", "role").shows("WHAT IT DOES", "doc")
            .does(NOT_CALLED), output);
    }

    @Override
    void run(Screen screen, Arguments arguments) {
        List<Map<String, Object>> rows = registry().methods().stream().map(MethodsCommand::row).toList();
        new ResultPrinter(screen, description().columns()).print(rows, arguments.format());
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
