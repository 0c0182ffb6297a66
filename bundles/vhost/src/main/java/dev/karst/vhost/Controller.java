package dev.karst.vhost;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.env.Environment;
import dev.karst.env.unix.UnixServer;
import dev.karst.env.unix.UnixSocket;
import dev.karst.reactor.Reactors;
import dev.karst.vhost.device.Device;
import dev.karst.vhost.session.Session;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;

/** A device at its socket; one front-end uses it at a time, another is turned away. Control threads. */
public final class Controller {
    private static final Logger LOG = System.getLogger(Controller.class.getName());
    private static final long ACCEPT_MS = 3_600_000;
    private static final long WAIT_MS = 20_000;
    /** After a front-end could not be taken. */
    private static final long REST_MS = 1_000;

    private final Device device;
    private final Path path;
    private final Environment environment;
    private final Reactors reactors;
    private final boolean anyFile;
    private final CompletableFuture<Void> closing = new CompletableFuture<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private UnixServer server;
    private Session session;
    private CompletableFuture<Void> sessionEnded = CompletableFuture.completedFuture(null);
    private boolean closed;

    /** One that does not listen yet. */
    Controller(Device device, Path path, Environment environment, Reactors reactors, boolean anyFile) {
        this.device = device;
        this.path = path;
        this.environment = environment;
        this.reactors = reactors;
        this.anyFile = anyFile;
    }

    /**
     * Listens from now on.
     *
     * @throws StorageException EEXIST when it does; what {@link dev.karst.env.unix.UnixSockets#listen} says
     */
    synchronized void start() throws StorageException {
        if (server != null || closed) {
            throw StorageException.failure(Errno.EEXIST, "the controller " + device.name() + " listens already");
        }
        UnixServer listening = environment.unixSockets().listen(path);
        server = listening;
        environment.threads().background().execute(() -> acceptAll(listening));
    }

    public Device device() {
        return device;
    }

    /** Where it listens. */
    public Path path() {
        return path;
    }

    /** Whether a front-end is connected. */
    public synchronized boolean isConnected() {
        return session != null;
    }

    private void acceptAll(UnixServer listening) {
        try {
            while (!closing.isDone()) {
                try {
                    accept(listening);
                } catch (StorageException e) {
                    if (e.code() == -Errno.ECANCELED) {
                        return;
                    }
                    LOG.log(Level.WARNING, "{0} cannot take a front-end now: {1}", device.name(), e.getMessage());
                    rest();
                }
            }
        } finally {
            ended.complete(null);
        }
    }

    /** What is missing may be there in a while. */
    private void rest() {
        try {
            reactors.await(closing, REST_MS, "the end of " + device.name());
        } catch (StorageException e) {
            // It does not end.
        }
    }

    private void accept(UnixServer listening) throws StorageException {
        UnixSocket socket;
        try {
            socket = listening.accept(ACCEPT_MS);
        } catch (StorageException e) {
            if (e.code() == -Errno.ETIMEDOUT) {
                return;
            }
            throw e;
        }
        boolean begun = false;
        try {
            begun = begin(socket);
            if (!begun) {
                LOG.log(Level.WARNING, "{0} has a front-end; another one was turned away", device.name());
            }
        } finally {
            if (!begun) {
                socket.close();
            }
        }
    }

    private synchronized boolean begin(UnixSocket socket) throws StorageException {
        if (session != null || closed) {
            return false;
        }
        var begun = new Session(device, socket, environment, reactors, anyFile);
        var done = new CompletableFuture<Void>();
        session = begun;
        sessionEnded = done;
        environment.threads().background().execute(() -> {
            try {
                begun.run();
            } finally {
                forget();
                done.complete(null);
            }
        });
        return true;
    }

    private synchronized UnixServer server() {
        return server;
    }

    private synchronized void forget() {
        session = null;
    }

    private synchronized CompletableFuture<Void> endSession() {
        closed = true;
        closing.complete(null);
        if (server == null) {
            ended.complete(null);
        }
        if (session != null) {
            session.end();
        }
        return sessionEnded;
    }

    /**
     * Ends the session and listens no more.
     *
     * @throws StorageException ETIMEDOUT when requests in flight do not end
     */
    void close() throws StorageException {
        CompletableFuture<Void> last = endSession();
        UnixServer listening = server();
        if (listening != null) {
            listening.close();
        }
        reactors.await(CompletableFuture.allOf(last, ended), WAIT_MS, "the end of " + device.name());
    }
}
