package dev.karst.nvmf.tcp;

import dev.karst.base.ReactorConfined;
import dev.karst.stream.Turn;

/** A connection's place in the round of its reactor. */
@ReactorConfined
final class ConnectionTurn extends Turn {
    private final TcpConnection connection;

    ConnectionTurn(TcpConnection connection) {
        this.connection = connection;
    }

    @Override
    protected boolean read() {
        return connection.read();
    }

    @Override
    protected void flush() {
        connection.flush();
    }

    @Override
    protected boolean isClosed() {
        return connection.isClosed();
    }

    @Override
    protected void failed(Throwable failure) {
        connection.group().failed(connection, failure);
    }
}
