package dev.karst.shell;

import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.karaf.shell.api.console.Command;

/** Writes the reference of all methods and commands, from their descriptions. */
public final class Reference {
    private static final String GENERATED = "Written from the descriptions of the methods; do not edit.\n";
    private static final String CALLS = """

        `karst rpc METHOD KEY=VALUE ...` calls one. A u16, u32 or u64 is a number of so many bits, an i32 one
        that may be negative. *For* is the least role: a viewer looks, an operator changes things, an admin may stop
        the target.
        """;

    private Reference() {}

    /** The methods, as a page of Markdown. */
    public static String rpc(List<RpcMethod> methods) {
        return "# JSON-RPC methods\n\n" + GENERATED + CALLS + methods.stream()
            .sorted(Comparator.comparing(RpcMethod::name)).map(Reference::method).collect(Collectors.joining());
    }

    /** The commands, as a page of Markdown. */
    public static String shell(List<RpcMethod> methods) {
        SortedMap<String, String> helps = new TreeMap<>();
        methods.forEach(method -> helps.put(command(method), CommandHelp.of(method)));
        GeneratedCommands.own(null).forEach(own -> helps.put(own.getScope() + ":" + own.getName(), help(own)));
        return "# Shell commands\n\n" + GENERATED + helps.entrySet().stream()
            .map(help -> "\n## " + help.getKey() + "\n\n```\n" + help.getValue() + "\n```\n")
            .collect(Collectors.joining());
    }

    private static String help(Command own) {
        return own instanceof OwnCommand described ? described.help() : CallCommand.help();
    }

    private static String method(RpcMethod method) {
        String role = method.role().name().toLowerCase(Locale.ROOT);
        String text = "\n## " + method.name() + "\n\n" + method.doc() + ". For: " + role + ". Shell: `"
            + command(method) + "`.\n";
        List<String> rows = rows("", method.parameters());
        String heading = "\n| parameter | type | required | default | what |\n|---|---|---|---|---|\n";
        return rows.isEmpty() ? text : text + heading + String.join("", rows);
    }

    private static String command(RpcMethod method) {
        return method.scope() + ":" + method.command();
    }

    /** A row for each parameter and, after an object or list, for its fields. */
    private static List<String> rows(String above, List<RpcParameter> parameters) {
        List<String> rows = new ArrayList<>();
        for (RpcParameter parameter : parameters) {
            String name = above + parameter.name();
            String required = parameter.required() ? "yes" : "";
            String initial = parameter.initial() == null ? "" : parameter.initial();
            String doc = parameter.doc() + (parameter.secret() ? " (secret)" : "");
            rows.add("| " + String.join(" | ", "`" + name + "`", type(parameter), required, initial, doc) + " |\n");
            rows.addAll(rows(name + (parameter.type() == RpcParameter.Type.LIST ? "[]." : "."), parameter.fields()));
        }
        return rows;
    }

    private static String type(RpcParameter parameter) {
        return switch (parameter.type()) {
            case ENUM -> "one of " + String.join(", ", parameter.choices());
            case LIST -> parameter.fields().isEmpty() ? "list of strings" : "list of objects";
            case NUMBERS -> "list of numbers";
            default -> parameter.type().name().toLowerCase(Locale.ROOT);
        };
    }
}
