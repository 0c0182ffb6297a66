package dev.karst.stream;

import dev.karst.reactor.Reactor;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/** Lets a few lines a second into the log, and says how many more there would have been. Reactor-confined. */
public final class LineLimit {
    private static final long WINDOW_NANOS = 1_000_000_000L;
    private static final int LINES_PER_WINDOW = 5;

    private final Reactor reactor;
    private final Logger log;
    private long windowNanos;
    private int lines;
    private long suppressed;

    public LineLimit(Reactor reactor, Logger log) {
        this.reactor = reactor;
        this.log = log;
    }

    /** Whether a line may be written now; then it is to be. */
    public boolean admits() {
        long now = reactor.nowNanos();
        if (now - windowNanos >= WINDOW_NANOS) {
            if (suppressed > 0) {
                log.log(Level.WARNING, "{0} more lines like these were not written", suppressed);
            }
            windowNanos = now;
            lines = 0;
            suppressed = 0;
        }
        if (lines < LINES_PER_WINDOW) {
            lines++;
            return true;
        }
        suppressed++;
        return false;
    }
}
