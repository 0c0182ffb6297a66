package dev.karst.nvmf.tcp;

import dev.karst.reactor.Reactor;
import dev.karst.stream.LineLimit;
import java.lang.System.Logger.Level;

/** What is said about connections that misbehave: a line an event, and not more than a few a second. */
final class ConnectionLog {
    private static final System.Logger LOG = System.getLogger("dev.karst.nvmf.tcp");

    private final LineLimit limit;

    ConnectionLog(Reactor reactor) {
        limit = new LineLimit(reactor, LOG);
    }

    void protocolError(String peer, int fes, int fei) {
        if (limit.admits()) {
            LOG.log(Level.WARNING, "{0}: protocol error, FES {1}, FEI 0x{2}", peer, fes, Integer.toHexString(fei));
        }
    }

    void timedOut(String peer, TcpConnection.State state) {
        if (limit.admits()) {
            LOG.log(Level.WARNING, "{0}: timed out in state {1}", peer, state);
        }
    }

    void failed(String peer, Throwable failure) {
        if (limit.admits()) {
            LOG.log(Level.ERROR, peer + ": the connection is closed after a failure of Karst itself", failure);
        }
    }

    void refused(String peer, String why) {
        if (limit.admits()) {
            LOG.log(Level.WARNING, "{0}: refused: {1}", peer, why);
        }
    }
}
