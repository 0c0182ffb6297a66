package dev.karst.env.unix;

import dev.karst.base.StorageException;
import java.util.List;

/**
 * A connected unix stream socket. Control threads: calls wait, one sender and one receiver at a time. After any exception but
 * ETIMEDOUT of a {@link #receive} that got nothing, the stream is of no use any more.
 */
public abstract class UnixSocket {
    /** Most descriptors that one message carries, and that are held of what has come. */
    public static final int MOST_DESCRIPTORS = 64;

    /**
     * Sends all bytes, and with the first of them the descriptors, which stay the caller's.
     *
     * @throws StorageException EPIPE or ECONNRESET when the peer is gone; ETIMEDOUT; EINVAL for more than {@link #MOST_DESCRIPTORS}
     */
    public abstract void send(long address, int length, int[] descriptors, long timeoutMs) throws StorageException;

    /**
     * Receives so many bytes, and adds the descriptors that came with them to the list; they are the caller's from then on, also when
     * this throws.
     *
     * @throws StorageException ECONNRESET when the peer is gone; ETIMEDOUT when not all came; EPROTO when more than {@link
     *     #MOST_DESCRIPTORS} are in the list
     */
    public abstract void receive(long address, int length, List<Descriptor> descriptors, long timeoutMs) throws StorageException;

    /**
     * Waits until the peer has ended the connection, also beside a sender and a receiver; data that came before it did does not
     * matter.
     *
     * @return whether it has, or this end is closed; false when the time is up
     */
    public abstract boolean awaitEnd(long timeoutMs);

    /** Ends it in both directions: whoever waits in {@link #send} or {@link #receive} gets an exception. Any thread. */
    public abstract void shutdown();

    /** Closes; nobody waits in it, see {@link #shutdown}. Does nothing the second time. */
    public abstract void close();
}
