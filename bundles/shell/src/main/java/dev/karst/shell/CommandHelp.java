package dev.karst.shell;

import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import java.util.ArrayList;
import java.util.List;

/** What {@code --help} prints. */
final class CommandHelp {
    private static final String INDENT = "    ";

    private CommandHelp() {}

    static String of(RpcMethod method) {
        Fields fields = new Fields(method);
        List<String> lines = new ArrayList<>(List.of("DESCRIPTION", INDENT + method.doc() + "."));
        if (!method.name().isEmpty()) {
            lines.add(INDENT + "JSON-RPC: " + method.name());
        }
        addAll(lines, "SYNTAX", List.of(INDENT + syntax(method)));
        addAll(lines, "ARGUMENTS",
            fields.positional().stream().map(field -> line(field.placeholder(), field)).toList());
        List<String> options = new ArrayList<>();
        fields.options().forEach(field -> options.add(line(option(field), field)));
        options.add(line("--json", "the result as JSON"));
        options.add(line("--no-format", "the result as tab-separated values, without a heading"));
        options.add(line("--help", "this text"));
        addAll(lines, "OPTIONS", options);
        return String.join("\n", lines);
    }

    /** The command with what it takes. */
    static String syntax(RpcMethod method) {
        StringBuilder line = new StringBuilder(method.scope() + ":" + method.command() + " [options]");
        new Fields(method).positional().forEach(field -> line.append(' ').append(field.placeholder()));
        return line.toString();
    }

    private static void addAll(List<String> lines, String heading, List<String> these) {
        if (!these.isEmpty()) {
            lines.add("");
            lines.add(heading);
            lines.addAll(these);
        }
    }

    private static String option(Field field) {
        return "--" + field.option() + (field.isFlag() ? "" : " " + type(field.parameter()));
    }

    private static String line(String name, Field field) {
        RpcParameter parameter = field.parameter();
        String type = field.isPositional() ? type(parameter) + ": " : "";
        boolean within = parameter.required() && !field.isPositional();
        String required = within ? " (required with " + field.path().getFirst() + ")" : "";
        String initial = parameter.initial() == null ? "" : " (default " + parameter.initial() + ")";
        String secret = parameter.secret() ? " (a secret; - asks for it)" : "";
        return line(name, type + parameter.doc() + required + initial + secret);
    }

    private static String line(String name, String doc) {
        return INDENT + String.format("%-30s ", name) + doc;
    }

    /** What a value looks like. */
    static String type(RpcParameter parameter) {
        return switch (parameter.type()) {
            case STRING -> "TEXT";
            case BOOLEAN -> "true|false";
            case U16, I32, U32, U64 -> "NUMBER";
            case UUID -> "UUID";
            case ENUM -> String.join("|", parameter.choices());
            case OBJECT -> parameter.kind() == RpcParameter.Kind.FILE ? "FILE (JSON or YAML)" : "JSON";
            case LIST -> parameter.fields().isEmpty() ? "TEXT,.." : "JSON";
            case NUMBERS -> "NUMBER,..";
        };
    }
}
