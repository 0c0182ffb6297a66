package dev.karst.shell;

import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.json.Json;
import dev.karst.shell.text.Screen;
import dev.karst.shell.text.Table;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/** Shows a result. Control characters are replaced: a name may come from a disk or a peer. */
final class ResultPrinter {
    private static final String INDENT = "  ";

    private final Screen screen;
    private final PrintStream out;
    private final List<RpcMethod.Column> columns;

    ResultPrinter(Screen screen, List<RpcMethod.Column> columns) {
        this.screen = screen;
        this.out = screen.out();
        this.columns = columns;
    }

    void print(Object result, Arguments.Format format) {
        switch (format) {
            case JSON -> out.println(Json.pretty(result));
            case PLAIN -> printPlain(result);
            case TEXT -> printText(result);
        }
    }

    private void printText(Object result) {
        List<?> rows = rows(result);
        if (!columns.isEmpty() && rows != null) {
            lines(rows).forEach(out::println);
        } else if (result instanceof List<?> list) {
            list.forEach(element -> printTree(element, ""));
        } else if (result != null && !Boolean.TRUE.equals(result)) {
            printTree(result, "");
        }
    }

    private void printPlain(Object result) {
        List<?> rows = rows(result);
        if (!columns.isEmpty() && rows != null) {
            rows.forEach(row -> out.println(String.join("\t", cells(row))));
        } else if (result instanceof List<?> list) {
            list.forEach(element -> out.println(text(element)));
        } else if (result instanceof Map<?, ?> object) {
            object.forEach((name, value) -> out.println(name + "\t" + text(value)));
        } else if (result != null && !Boolean.TRUE.equals(result)) {
            out.println(text(result));
        }
    }

    /**
     * The objects that the columns are of: the result, or the first list of objects in it, as beside SPDK's tick rates.
     */
    private static List<?> rows(Object result) {
        if (result instanceof List<?> list) {
            return list;
        }
        return result instanceof Map<?, ?> object
            ? object.values().stream().filter(List.class::isInstance).map(List.class::cast).findFirst().orElse(null)
            : null;
    }

    /** The table of these objects. */
    List<String> lines(List<?> rows) {
        List<String> headings = columns.stream().map(RpcMethod.Column::heading).toList();
        return rows.isEmpty() ? List.of("none") : new Table(screen, headings, rows.stream().map(this::cells).toList()).lines();
    }

    private List<String> cells(Object row) {
        return columns.stream().map(column -> cell(row, column)).toList();
    }

    private static String cell(Object row, RpcMethod.Column column) {
        return text(at(row, List.of(column.path().split("\\."))));
    }

    /** What lies at a path; of a list, what lies there in each element. */
    private static Object at(Object value, List<String> path) {
        if (path.isEmpty()) {
            return value;
        } else if (value instanceof List<?> list) {
            return list.stream().map(element -> at(element, path)).filter(Objects::nonNull).toList();
        } else {
            return value instanceof Map<?, ?> object
                ? at(object.get(path.getFirst()), path.subList(1, path.size()))
                : null;
        }
    }

    /** A value in one line. */
    static String text(Object value) {
        return switch (value) {
            case null -> "";
            case List<?> list -> list.stream().map(ResultPrinter::text).collect(Collectors.joining(", "));
            case Map<?, ?> object -> clean(Json.text(object));
            case Double number -> String.format(Locale.ROOT, "%.1f", number);
            default -> clean(String.valueOf(value));
        };
    }

    private static String clean(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }

    private void printTree(Object value, String indent) {
        if (value instanceof Map<?, ?> object) {
            object.forEach((name, member) -> printMember(clean((String) name), member, indent));
        } else {
            out.println(indent + text(value));
        }
    }

    private void printMember(String name, Object member, String indent) {
        if (member instanceof Map<?, ?> object && !object.isEmpty()) {
            out.println(indent + name + ":");
            printTree(object, indent + INDENT);
        } else if (member instanceof List<?> list && list.stream().anyMatch(Map.class::isInstance)) {
            out.println(indent + name + ":");
            list.forEach(element -> printElement(element, indent + INDENT));
        } else {
            out.println(indent + name + ": " + text(member));
        }
    }

    private void printElement(Object element, String indent) {
        out.println(indent + "-");
        printTree(element, indent + INDENT);
    }
}
