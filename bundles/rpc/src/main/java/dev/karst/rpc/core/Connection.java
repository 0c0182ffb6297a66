package dev.karst.rpc.core;

import dev.karst.rpc.RpcError;
import dev.karst.rpc.RpcMethod.Role;
import dev.karst.rpc.json.JsonException;
import dev.karst.rpc.json.JsonReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;

/**
 * One client. Its calls run one after the other in the order in which they came, so that each finds what those before
 * it made; a call that may take long runs beside them and is answered when it ends.
 */
final class Connection {
    private static final System.Logger LOG = System.getLogger(Connection.class.getName());
    /** SPDK's figures. */
    private static final JsonReader.Limits LIMITS = new JsonReader.Limits(256 * 1024, 8192);
    private static final int MAX_LONG_CALLS = 64;

    private final SocketChannel channel;
    private final Dispatcher dispatcher;
    private final Role role;
    private final Executor executor;
    private final Semaphore longCalls = new Semaphore(MAX_LONG_CALLS);

    Connection(SocketChannel channel, Dispatcher dispatcher, Role role, Executor executor) {
        this.channel = channel;
        this.dispatcher = dispatcher;
        this.role = role;
        this.executor = executor;
    }

    /** Serves the client until it leaves. */
    void serve() {
        try (channel) {
            read();
            longCalls.acquire(MAX_LONG_CALLS);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "rpc: a client left: {0}", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Takes no more requests; those that were read are still answered. */
    void endInput() {
        try {
            channel.shutdownInput();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "rpc: a client had left: {0}", e.getMessage());
        }
    }

    void close() throws IOException {
        channel.close();
    }

    private void read() throws IOException, InterruptedException {
        JsonReader reader = JsonReader.of(Channels.newInputStream(channel), LIMITS);
        try {
            while (reader.next()) {
                handle(reader.document());
            }
        } catch (JsonException e) {
            String where = " at line " + e.line() + ", column " + e.column();
            send(Dispatcher.refusal(RpcError.PARSE_ERROR, "Parse error: " + e.getMessage() + where));
        }
    }

    private void handle(Object document) throws IOException, InterruptedException {
        if (dispatcher.runsLong(document)) {
            longCalls.acquire();
            startLong(document);
        } else {
            send(dispatcher.answer(document, role));
        }
    }

    private void startLong(Object document) throws IOException {
        try {
            executor.execute(() -> answerLong(document));
        } catch (RejectedExecutionException e) {
            longCalls.release();
            throw new IOException("the server is stopping", e);
        }
    }

    private void answerLong(Object document) {
        try {
            send(dispatcher.answer(document, role));
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "rpc: a client left before its answer: {0}", e.getMessage());
        } finally {
            longCalls.release();
        }
    }

    private synchronized void send(byte[] answer) throws IOException {
        if (answer != null) {
            byte[] line = Arrays.copyOf(answer, answer.length + 1);
            line[answer.length] = '\n';
            for (ByteBuffer buffer = ByteBuffer.wrap(line); buffer.hasRemaining(); ) {
                channel.write(buffer);
            }
        }
    }
}
