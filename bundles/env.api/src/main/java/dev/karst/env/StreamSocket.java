package dev.karst.env;

import dev.karst.base.Errno;
import dev.karst.base.IoVector;
import dev.karst.base.ReactorConfined;

/**
 * A connected stream socket, without delay (TCP_NODELAY). Confined to the reactor that watches it; until then to whoever
 * opened or accepted it.
 *
 * <p>Readiness is edge-triggered: after {@link Readiness#readable} read until {@link #AGAIN}, or come back without being
 * told; likewise for writes.
 */
@ReactorConfined
public abstract class StreamSocket {
    /** Nothing moved now; {@link Readiness} will tell. The error number EAGAIN, negative. */
    public static final int AGAIN = -Errno.EAGAIN;

    /** Reads up to {@code length} bytes: how many, 0 at the end of the stream, {@link #AGAIN}, or a negative error number. */
    public abstract int read(long address, int length);

    /**
     * Asks the kernel with the next {@link #read}, also where a read found all there was and nothing was told since: for who
     * expects an answer any moment and would rather ask once more than hear of it later.
     */
    public void expect() {
        // Reads always ask, if not said otherwise.
    }

    /** Writes from {@code offset} bytes into the vector on: how many bytes, {@link #AGAIN}, or a negative error number. */
    public abstract int write(IoVector data, long offset);

    /** Tells {@code readiness} from now on; once at first if it is ready already. One event set at a time. */
    public abstract void watch(EventSet events, Readiness readiness);

    /** Stops being told. */
    public abstract void unwatch();

    /** The peer, {@code address:port}. */
    public abstract String peer();

    /** This end, {@code address:port}. */
    public abstract String local();

    /** Says that nothing more will be written; reading goes on. */
    public abstract void shutdownOutput();

    /**
     * Ends it in both directions: the peer comes back elsewhere, the owner finds it ended and closes. Any thread, also while the
     * owner's reactor is stuck; does nothing once it is closed.
     */
    public abstract void shutdown();

    /** Closes; after a failure the peer sees a reset if data was left unread. */
    public abstract void close();
}
