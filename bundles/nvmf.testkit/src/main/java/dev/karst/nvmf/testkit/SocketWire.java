package dev.karst.nvmf.testkit;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;

/** Bytes over a real socket. */
public final class SocketWire implements Wire {
    private static final int CONNECT_TIMEOUT_MS = 5_000;

    private final Socket socket = new Socket();

    /** Connects. */
    public SocketWire(String address, int port) throws IOException {
        socket.setTcpNoDelay(true);
        socket.connect(new InetSocketAddress(address, port), CONNECT_TIMEOUT_MS);
    }

    @Override
    public void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    @Override
    public int receive(byte[] target, int offset, int length, int timeoutMs) throws IOException {
        socket.setSoTimeout(timeoutMs);
        try {
            return socket.getInputStream().read(target, offset, length);
        } catch (SocketException e) {
            return -1;
        }
    }

    /** Whether this end closed it. */
    public boolean isClosed() {
        return socket.isClosed();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
