package dev.karst.nvmf.tcp;

import dev.karst.reactor.Reactor;
import java.lang.System.Logger.Level;

/** What is said about connections that misbehave: a line an event, and not more than a few a second. */
final class ConnectionLog {
    private static final System.Logger LOG = System.getLogger("dev.karst.nvmf.tcp");
    private static final long WINDOW_NANOS = 1_000_000_000L;
    private static final int LINES_PER_WINDOW = 5;

    private final Reactor reactor;
    private long windowNanos;
    private int lines;
    private long suppressed;

    ConnectionLog(Reactor reactor) {
        this.reactor = reactor;
    }

    void protocolError(String peer, int fes, int fei) {
        if (mayLog()) {
            LOG.log(Level.WARNING, "{0}: protocol error, FES {1}, FEI 0x{2}", peer, fes, Integer.toHexString(fei));
        }
    }

    void timedOut(String peer, TcpConnection.State state) {
        if (mayLog()) {
            LOG.log(Level.WARNING, "{0}: timed out in state {1}", peer, state);
        }
    }

    void failed(String peer, Throwable failure) {
        if (mayLog()) {
            LOG.log(Level.ERROR, peer + ": the connection is closed after a failure of Karst itself", failure);
        }
    }

    void refused(String peer, String why) {
        if (mayLog()) {
            LOG.log(Level.WARNING, "{0}: refused: {1}", peer, why);
        }
    }

    private boolean mayLog() {
        long now = reactor.nowNanos();
        if (now - windowNanos >= WINDOW_NANOS) {
            if (suppressed > 0) {
                LOG.log(Level.WARNING, "{0} more lines like these were not written", suppressed);
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
