package dev.karst.launcher;

import java.io.EOFException;
import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads and writes JSON as maps, lists, strings, numbers, booleans and null. RFC 8259. */
final class Json {
    private static final int END = -1;
    private static final int UNREAD = -2;

    private final Reader in;
    /** The character after what has been read; {@link #UNREAD} until it is needed, so that no read waits for a peer. */
    private int next = UNREAD;

    private Json(Reader in) {
        this.in = in;
    }

    /** Reads one value and nothing behind it, if that is an object, a list or a string. */
    static Object read(Reader in) throws IOException {
        return new Json(in).value();
    }

    /** The value that the text as a whole is. */
    static Object parse(String text) throws IOException {
        Json json = new Json(new StringReader(text));
        Object value = json.value();
        if (json.peekToken() != END) {
            throw new IOException("there is more behind the value");
        }
        return value;
    }

    /** The value over several lines, indented by two spaces. */
    static String format(Object value) {
        StringBuilder out = new StringBuilder();
        write(out, value, "\n");
        return out.toString();
    }

    private Object value() throws IOException {
        int first = peekToken();
        return switch (first) {
            case '{' -> object();
            case '[' -> list();
            case '"' -> string();
            case END -> throw new EOFException("the text ends too early");
            default -> literal();
        };
    }

    private Map<String, Object> object() throws IOException {
        Map<String, Object> object = new LinkedHashMap<>();
        take();
        boolean more = peekToken() != '}';
        while (more) {
            peekToken();
            String name = string();
            expect(':');
            object.put(name, value());
            more = continues();
        }
        expect('}');
        return object;
    }

    private List<Object> list() throws IOException {
        List<Object> list = new ArrayList<>();
        take();
        boolean more = peekToken() != ']';
        while (more) {
            list.add(value());
            more = continues();
        }
        expect(']');
        return list;
    }

    private boolean continues() throws IOException {
        boolean comma = peekToken() == ',';
        if (comma) {
            take();
        }
        return comma;
    }

    private String string() throws IOException {
        StringBuilder text = new StringBuilder();
        expect('"');
        int c = take();
        while (c != '"') {
            text.append((char) (c == '\\' ? escaped() : c));
            c = take();
        }
        return text.toString();
    }

    private int escaped() throws IOException {
        int c = take();
        return switch (c) {
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case '"', '\\', '/' -> c;
            case 'u' -> Character.digit(take(), 16) << 12 | Character.digit(take(), 16) << 8
                | Character.digit(take(), 16) << 4 | Character.digit(take(), 16);
            default -> throw new IOException("there is no escape \\" + (char) c);
        };
    }

    private Object literal() throws IOException {
        StringBuilder text = new StringBuilder();
        while (peek() > ' ' && ",]}:\"".indexOf(peek()) < 0) {
            text.append((char) take());
        }
        return switch (text.toString()) {
            case "true" -> true;
            case "false" -> false;
            case "null" -> null;
            default -> number(text.toString());
        };
    }

    private static BigDecimal number(String text) throws IOException {
        if (!text.matches("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?")) {
            throw new IOException("'" + text + "' is not JSON");
        }
        return new BigDecimal(text);
    }

    private void expect(char expected) throws IOException {
        if (peekToken() != expected) {
            throw new IOException("expected " + expected + ", found " + (next == END ? "the end" : (char) next));
        }
        take();
    }

    private int peekToken() throws IOException {
        while (peek() != END && Character.isWhitespace(peek())) {
            take();
        }
        return next;
    }

    private int peek() throws IOException {
        if (next == UNREAD) {
            next = in.read();
        }
        return next;
    }

    private int take() throws IOException {
        int taken = peek();
        if (taken == END) {
            throw new EOFException("the text ends too early");
        }
        next = UNREAD;
        return taken;
    }

    private static void write(StringBuilder out, Object value, String newline) {
        switch (value) {
            case Map<?, ?> object -> writeObject(out, object, newline);
            case List<?> list -> writeList(out, list, newline);
            case String text -> writeString(out, text);
            case BigDecimal number -> out.append(number.toPlainString());
            case null, default -> out.append(value);
        }
    }

    private static void writeObject(StringBuilder out, Map<?, ?> object, String newline) {
        String separator = "{";
        for (Map.Entry<?, ?> field : object.entrySet()) {
            out.append(separator).append(newline).append("  ");
            writeString(out, (String) field.getKey());
            out.append(": ");
            write(out, field.getValue(), newline + "  ");
            separator = ",";
        }
        out.append(object.isEmpty() ? "{}" : newline + "}");
    }

    private static void writeList(StringBuilder out, List<?> list, String newline) {
        String separator = "[";
        for (Object element : list) {
            out.append(separator).append(newline).append("  ");
            write(out, element, newline + "  ");
            separator = ",";
        }
        out.append(list.isEmpty() ? "[]" : newline + "]");
    }

    private static void writeString(StringBuilder out, String text) {
        out.append('"');
        for (char c : text.toCharArray()) {
            switch (c) {
                case '"', '\\' -> out.append('\\').append(c);
                case '\n' -> out.append("\\n");
                default -> out.append(c < ' ' ? "\\u%04x".formatted((int) c) : c);
            }
        }
        out.append('"');
    }
}
