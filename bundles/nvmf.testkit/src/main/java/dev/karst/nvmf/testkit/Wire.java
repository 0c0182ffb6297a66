package dev.karst.nvmf.testkit;

import java.io.IOException;

/** What carries the bytes: a socket, or a simulated one. */
public interface Wire extends AutoCloseable {
    /** Sends all of it. Fails when the peer has closed. */
    void send(byte[] bytes) throws IOException;

    /**
     * Receives some bytes.
     *
     * @return how many; -1 at the end of the stream, also by a reset
     * @throws IOException when nothing comes within {@code timeoutMs}
     */
    int receive(byte[] target, int offset, int length, int timeoutMs) throws IOException;

    @Override
    void close() throws IOException;
}
