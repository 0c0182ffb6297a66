package dev.karst.rpc.json;

/** Text that is not JSON, or more of it than the reader takes. */
public final class JsonException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int line;
    private final int column;
    private final boolean tooLarge;

    /** What is wrong, and where: line and column count from 1. */
    public JsonException(String message, int line, int column) {
        this(message, line, column, false);
    }

    /** As above; {@code tooLarge} when it is only more than the reader takes. */
    public JsonException(String message, int line, int column, boolean tooLarge) {
        super(message);
        this.line = line;
        this.column = column;
        this.tooLarge = tooLarge;
    }

    public int line() {
        return line;
    }

    public int column() {
        return column;
    }

    /** Whether it may well be JSON, but is longer or holds more values than the reader takes. */
    public boolean isTooLarge() {
        return tooLarge;
    }
}
