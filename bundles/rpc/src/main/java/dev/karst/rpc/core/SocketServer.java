package dev.karst.rpc.core;

import dev.karst.base.Errno;
import dev.karst.rpc.RpcUser;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/** Accepts clients at a unix socket; everything runs on virtual threads, as calls may block. */
final class SocketServer implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(SocketServer.class.getName());
    private static final int REFUSAL_BYTES = 1024;
    private static final long FINISH_MS = 1000;
    private static final long ACCEPT_RETRY_MS = 200;

    private final SocketFile socket;
    private final Dispatcher dispatcher;
    private final Bounds bounds;
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private final ExecutorService executor =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("karst-rpc-", 0).factory());

    /** How many clients at once, and how long one may take from the first byte of a request to its last. */
    record Bounds(int connections, long requestMs) {}

    SocketServer(SocketFile socket, Dispatcher dispatcher, Bounds bounds) {
        this.socket = socket;
        this.dispatcher = dispatcher;
        this.bounds = bounds;
    }

    void start() {
        executor.execute(this::accept);
    }

    /** Lets calls that run end within a second, then goes. */
    @Override
    public void close() throws IOException {
        socket.close();
        connections.forEach(Connection::endInput);
        executor.shutdown();
        try {
            executor.awaitTermination(FINISH_MS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        for (Connection connection : connections) {
            connection.close();
        }
    }

    private void accept() {
        while (socket.channel().isOpen()) {
            try {
                welcome(socket.channel().accept());
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                LOG.log(System.Logger.Level.WARNING, "rpc: cannot accept a client: " + e.getMessage());
                pause();
            }
        }
    }

    private void welcome(SocketChannel channel) throws IOException {
        Optional<RpcUser> user = Peer.user(channel, socket.owner());
        if (user.isEmpty()) {
            LOG.log(System.Logger.Level.WARNING, "rpc: refused a client of another user");
            refuse(channel, Errno.EACCES, "only the user " + socket.owner().getName() + " and root may call");
        } else if (connections.size() >= bounds.connections()) {
            String full = bounds.connections() + " connections are open, which is the limit (max.connections)";
            refuse(channel, Errno.EAGAIN, full);
        } else {
            Connection connection = new Connection(channel, dispatcher, user.get(), executor, bounds.requestMs());
            connections.add(connection);
            start(connection);
        }
    }

    private void start(Connection connection) throws IOException {
        try {
            executor.execute(() -> serve(connection));
        } catch (RejectedExecutionException e) {
            connections.remove(connection);
            connection.close();
        }
    }

    private void serve(Connection connection) {
        try {
            connection.serve();
        } finally {
            connections.remove(connection);
        }
    }

    /** A short answer that fits the socket's buffer, so that nobody waits for such a client. */
    private static void refuse(SocketChannel channel, int errno, String why) {
        try (channel) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            HeldOutput output = new HeldOutput(bytes, REFUSAL_BYTES);
            Answer.refusal(-errno, why).writeTo(output);
            output.write('\n');
            output.release();
            channel.write(ByteBuffer.wrap(bytes.toByteArray()));
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "rpc: a refused client left: {0}", e.getMessage());
        }
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(ACCEPT_RETRY_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
