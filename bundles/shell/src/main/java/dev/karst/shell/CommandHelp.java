package dev.karst.shell;

import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import dev.karst.shell.text.Screen;
import java.util.ArrayList;
import java.util.List;

/** What {@code --help} prints. */
final class CommandHelp {
    private static final String INDENT = "    ";
    private static final int NAME_WIDTH = 30;
    private static final int DOC_COLUMN = INDENT.length() + NAME_WIDTH + 1;

    private CommandHelp() {}

    static String of(RpcMethod method) {
        Fields fields = new Fields(method);
        List<String> lines = new ArrayList<>(List.of("DESCRIPTION", wrapped(INDENT + method.doc() + ".", INDENT.length())));
        if (!method.name().isEmpty()) {
            lines.add(INDENT + "JSON-RPC: " + method.name());
        }
        addAll(lines, "SYNTAX", List.of(wrapped(INDENT + syntax(method), 2 * INDENT.length())));
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
        String whole = INDENT + name + " ".repeat(Math.max(1, NAME_WIDTH + 1 - name.length())) + doc;
        if (name.length() > NAME_WIDTH && whole.length() > Screen.USUAL_WIDTH) {
            return INDENT + name + "\n" + wrapped(" ".repeat(DOC_COLUMN) + doc, DOC_COLUMN);
        }
        return wrapped(whole, DOC_COLUMN);
    }

    /** The text in lines that fit the usual screen, cut at blanks; those after the first begin at a column. */
    private static String wrapped(String text, int column) {
        StringBuilder lines = new StringBuilder();
        String rest = text;
        int cut = cut(rest, INDENT.length());
        while (cut >= 0) {
            lines.append(rest.substring(0, cut).stripTrailing()).append('\n');
            rest = " ".repeat(column) + rest.substring(cut + 1);
            cut = cut(rest, column);
        }
        return lines.append(rest).toString();
    }

    /** Where to cut a line that is too long: at the last blank that fits, else at the first; -1 for nowhere. */
    private static int cut(String line, int from) {
        if (line.length() <= Screen.USUAL_WIDTH) {
            return -1;
        }
        int last = line.lastIndexOf(' ', Screen.USUAL_WIDTH);
        return last > from ? last : line.indexOf(' ', Screen.USUAL_WIDTH);
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
