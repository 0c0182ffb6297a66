package dev.karst.iscsi.session;

import dev.karst.reactor.Reactor;
import dev.karst.stream.LineLimit;
import java.lang.System.Logger.Level;

/** What is said about connections that misbehave: a line an event, and not more than a few a second. */
final class ConnectionLog {
    private static final System.Logger LOG = System.getLogger("dev.karst.iscsi");

    private final LineLimit limit;

    ConnectionLog(Reactor reactor) {
        limit = new LineLimit(reactor, LOG);
    }

    void loginFailed(Connection connection, int status) {
        if (limit.admits()) {
            LOG.log(Level.INFO, "{0}: refused a login of {1}: {2}", connection.peer(), connection.initiator(),
                "0x%04x".formatted(status));
        }
    }

    void protocolError(Connection connection, String what) {
        if (limit.admits()) {
            LOG.log(Level.WARNING, "{0}: the connection is closed: {1}", connection.peer(), what);
        }
    }

    void timedOut(Connection connection, String what) {
        if (limit.admits()) {
            LOG.log(Level.WARNING, "{0}: timed out: {1}", connection.peer(), what);
        }
    }

    void failed(Connection connection, Throwable failure) {
        if (limit.admits()) {
            LOG.log(Level.ERROR, connection.peer() + ": the connection is closed after a failure of Karst itself", failure);
        }
    }

    void refused(String peer, String why) {
        if (limit.admits()) {
            LOG.log(Level.WARNING, "{0}: refused: {1}", peer, why);
        }
    }
}
