package dev.karst.rpc.core;

import dev.karst.rpc.RpcError;
import dev.karst.rpc.RpcUser;
import dev.karst.rpc.json.BlockInput;
import dev.karst.rpc.json.JsonException;
import dev.karst.rpc.json.JsonReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * One client. Its calls run one after the other in the order in which they came, so that each finds what those before
 * it made; a call that may take long runs beside them and is answered when it ends. A client may be idle between
 * requests, but has to come to the end of one that it began.
 */
final class Connection {
    private static final System.Logger LOG = System.getLogger(Connection.class.getName());
    private static final int MAX_LONG_CALLS = 64;
    private static final int HELD_BYTES = 32 * 1024;

    private final SocketChannel channel;
    private final Dispatcher dispatcher;
    private final RpcUser user;
    private final Executor executor;
    private final long requestMs;
    private final Semaphore longCalls = new Semaphore(MAX_LONG_CALLS);
    private final JsonReader reader = JsonReader.of(new Input(), Dispatcher.REQUEST_LIMITS);
    private CompletableFuture<Void> deadline;
    private volatile boolean late;

    /** A client with so many milliseconds for each request. */
    Connection(SocketChannel channel, Dispatcher dispatcher, RpcUser user, Executor executor, long requestMs) {
        this.channel = channel;
        this.dispatcher = dispatcher;
        this.user = user;
        this.executor = executor;
        this.requestMs = requestMs;
    }

    /** What the client sends; who waits for it in the middle of a request has begun to wait for its end. */
    private final class Input extends BlockInput {
        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            if (reader.isInDocument() && deadline == null) {
                deadline = new CompletableFuture<Void>().completeOnTimeout(null, requestMs, TimeUnit.MILLISECONDS);
                deadline.thenRun(Connection.this::endLate);
            }
            return channel.read(ByteBuffer.wrap(target, offset, length));
        }
    }

    /** What the client gets. */
    private final class Output extends OutputStream {
        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] source, int offset, int length) throws IOException {
            for (ByteBuffer buffer = ByteBuffer.wrap(source, offset, length); buffer.hasRemaining(); ) {
                channel.write(buffer);
            }
        }
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
        } finally {
            endDeadline();
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

    private void endLate() {
        late = true;
        endInput();
    }

    private void endDeadline() {
        if (deadline != null) {
            deadline.cancel(false);
            deadline = null;
        }
    }

    private void read() throws IOException, InterruptedException {
        try {
            while (reader.next()) {
                endDeadline();
                handle(reader.document());
            }
        } catch (JsonException e) {
            send(late
                ? Answer.refusal(RpcError.INVALID_REQUEST, "Invalid request: not whole after " + requestMs + " ms")
                : Answer.unreadable(e));
        }
    }

    private void handle(Object document) throws IOException, InterruptedException {
        if (dispatcher.runsLong(document)) {
            longCalls.acquire();
            startLong(document);
        } else {
            send(dispatcher.carryOut(document, user));
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
            send(dispatcher.carryOut(document, user));
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "rpc: a client left before its answer: {0}", e.getMessage());
            endInput();
        } finally {
            longCalls.release();
        }
    }

    private synchronized void send(Answer answer) throws IOException {
        if (answer != null) {
            HeldOutput output = new HeldOutput(new Output(), HELD_BYTES);
            answer.writeTo(output);
            output.write('\n');
            output.release();
        }
    }
}
