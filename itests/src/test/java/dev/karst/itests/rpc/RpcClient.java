package dev.karst.itests.rpc;

import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.TimeUnit;

/** A client that sends any bytes. It shares no code with the servers, but for the reader of JSON. One thread. */
public interface RpcClient extends AutoCloseable {
    /** Sends what should be one document; by HTTP as the body of a POST. */
    void send(byte[] text) throws IOException;

    /** The same, byte by byte with a pause after each, until all is sent or the server has ended the connection. */
    void sendSlowly(byte[] text, long pauseMs) throws IOException;

    /** The next answer; null when the server says that there is none, which only HTTP does. */
    Object receive() throws IOException;

    /** Whether the last answer said by its status that the request was carried out; always so on a socket. */
    boolean isAccepted();

    /** Whether the server ends the connection now or has refused the last request as a whole. */
    boolean isEnded() throws IOException;

    @Override
    void close() throws IOException;

    /** Writes byte by byte with a pause after each, until all is written or the server has ended the connection. */
    static void trickle(OutputStream to, byte[] text, long pauseMs) throws IOException {
        for (byte each : text) {
            try {
                to.write(each);
                TimeUnit.MILLISECONDS.sleep(pauseMs);
            } catch (IOException e) {
                return;
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }
    }

    /** Makes clients. */
    @FunctionalInterface
    interface Way {
        RpcClient connect() throws IOException;
    }
}
