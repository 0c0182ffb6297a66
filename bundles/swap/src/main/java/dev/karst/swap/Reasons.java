package dev.karst.swap;

/** What went wrong, in one line. */
final class Reasons {
    private static final int MOST_CHARS = 300;

    private Reasons() {}

    /** The innermost message. */
    static String of(Throwable thrown) {
        Throwable innermost = thrown;
        while (innermost.getCause() != null) {
            innermost = innermost.getCause();
        }
        String message = innermost.getMessage() == null ? innermost.toString() : innermost.getMessage();
        return line(innermost instanceof RuntimeException || innermost instanceof Error ? innermost.toString() : message);
    }

    /** The first line; where a bundle lacks something the framework says so twice, and the first time is enough. */
    static String line(String text) {
        String line = text.strip().lines().findFirst().orElse("").split(" Unresolved requirements:", 2)[0].strip();
        return line.length() > MOST_CHARS ? line.substring(0, MOST_CHARS) + "..." : line;
    }
}
