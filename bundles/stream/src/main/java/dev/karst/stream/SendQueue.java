package dev.karst.stream;

import dev.karst.base.IoVector;
import dev.karst.base.Mem;
import dev.karst.base.ReactorConfined;
import dev.karst.env.StreamSocket;
import java.util.Arrays;

/**
 * What a connection has to send: a ring of pieces of memory, in order, each perhaps the last that its owner waits for. It grows to
 * what the connection has waiting at most, and allocates nothing after that.
 *
 * @param <T> who owns pieces
 */
@ReactorConfined
public abstract class SendQueue<T> {
    private static final int VECTOR = 64;

    private final IoVector vector = new IoVector(VECTOR);
    private long[] addresses = new long[64];
    private int[] lengths = new int[64];
    private Object[] owners = new Object[64];
    private int head;
    private int tail;
    /** Bytes of the first piece that are sent. */
    private int sent;
    private long total;
    private long added;

    /** Told when a piece that has an owner is sent. It may add more. */
    protected abstract void sent(T owner);

    /** Adds a piece, which stays as it is until it is sent; {@code owner} is told then, if there is one. */
    public final void add(long address, int length, T owner) {
        if (tail - head == addresses.length) {
            grow();
        }
        int at = tail++ & addresses.length - 1;
        addresses[at] = address;
        lengths[at] = length;
        owners[at] = owner;
        added += length;
    }

    private void grow() {
        int size = addresses.length;
        long[] newAddresses = new long[2 * size];
        int[] newLengths = new int[2 * size];
        Object[] newOwners = new Object[2 * size];
        for (int at = head; at != tail; at++) {
            newAddresses[at & 2 * size - 1] = addresses[at & size - 1];
            newLengths[at & 2 * size - 1] = lengths[at & size - 1];
            newOwners[at & 2 * size - 1] = owners[at & size - 1];
        }
        addresses = newAddresses;
        lengths = newLengths;
        owners = newOwners;
    }

    public final boolean isEmpty() {
        return head == tail;
    }

    /**
     * Sends as much as the socket takes.
     *
     * @return 0 when all is out, {@link StreamSocket#AGAIN} when it takes no more now, or the error of the socket
     */
    public final int flush(StreamSocket socket) {
        while (head != tail) {
            vector.clear();
            for (int at = head; at != tail && vector.count() < VECTOR; at++) {
                int index = at & addresses.length - 1;
                vector.add(addresses[index], lengths[index]);
            }
            int written = socket.write(vector, sent);
            if (written < 0) {
                return written;
            }
            total += written;
            advance(written);
        }
        return 0;
    }

    /** Bytes sent since the beginning. */
    public final long total() {
        return total;
    }

    @SuppressWarnings("unchecked")
    private void advance(int written) {
        sent += written;
        while (head != tail && sent >= lengths[head & addresses.length - 1]) {
            int index = head++ & addresses.length - 1;
            sent -= lengths[index];
            Object owner = owners[index];
            owners[index] = null;
            if (owner != null) {
                sent((T) owner);
            }
        }
    }

    /** Bytes added since the beginning. */
    public final long added() {
        return added;
    }

    /** A copy of what was not sent. */
    public final byte[] unsent() {
        int bytes = -sent;
        for (int at = head; at != tail; at++) {
            bytes += lengths[at & lengths.length - 1];
        }
        byte[] copy = new byte[bytes];
        int done = 0;
        int skip = sent;
        for (int at = head; at != tail; at++) {
            int index = at & addresses.length - 1;
            Mem.get(addresses[index] + skip, copy, done, lengths[index] - skip);
            done += lengths[index] - skip;
            skip = 0;
        }
        return copy;
    }

    /** Forgets what was not sent. */
    public final void clear() {
        head = tail = sent = 0;
        Arrays.fill(owners, null);
    }
}
