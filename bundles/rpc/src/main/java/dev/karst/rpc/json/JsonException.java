package dev.karst.rpc.json;

/** Text that is not JSON, or more of it than the reader takes. */
public final class JsonException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int line;
    private final int column;

    /** What is wrong, and where: line and column count from 1. */
    public JsonException(String message, int line, int column) {
        super(message);
        this.line = line;
        this.column = column;
    }

    public int line() {
        return line;
    }

    public int column() {
        return column;
    }
}
