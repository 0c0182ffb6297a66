package dev.karst.nvmf.tcp;

import dev.karst.base.IoVector;
import dev.karst.base.Mem;
import dev.karst.base.ReactorConfined;
import dev.karst.env.StreamSocket;
import java.util.Arrays;

/** What a connection has to send: a ring of pieces of memory, in order, each perhaps the last of a request's answer. */
@ReactorConfined
final class Sender {
    /** Pieces that one request can have waiting: R2T; data header, data, digest; response. */
    private static final int PIECES_OF_REQUEST = 5;
    private static final int PIECES_OF_CONNECTION = 4;
    private static final int VECTOR = 64;

    private final TcpConnection connection;
    private final IoVector vector = new IoVector(VECTOR);
    private long[] addresses = new long[64];
    private int[] lengths = new int[64];
    private TcpRequest[] owners = new TcpRequest[64];
    private int head;
    private int tail;
    /** Bytes of the first piece that are sent. */
    private int sent;
    private long total;

    Sender(TcpConnection connection) {
        this.connection = connection;
    }

    /** Makes room for what {@code requests} requests can have waiting at once. */
    void reserve(int requests) {
        int needed = requests * PIECES_OF_REQUEST + PIECES_OF_CONNECTION;
        int size = addresses.length;
        if (needed <= size) {
            return;
        }
        int bigger = Integer.highestOneBit(needed - 1) << 1;
        long[] newAddresses = new long[bigger];
        int[] newLengths = new int[bigger];
        TcpRequest[] newOwners = new TcpRequest[bigger];
        for (int at = head; at != tail; at++) {
            newAddresses[at & bigger - 1] = addresses[at & size - 1];
            newLengths[at & bigger - 1] = lengths[at & size - 1];
            newOwners[at & bigger - 1] = owners[at & size - 1];
        }
        addresses = newAddresses;
        lengths = newLengths;
        owners = newOwners;
    }

    /** Adds a piece; {@code owner} is done when it has been sent, or null. */
    void add(long address, int length, TcpRequest owner) {
        int at = tail++ & addresses.length - 1;
        addresses[at] = address;
        lengths[at] = length;
        owners[at] = owner;
    }

    boolean isEmpty() {
        return head == tail;
    }

    /**
     * Sends as much as the socket takes.
     *
     * @return 0 when all is out, {@link StreamSocket#AGAIN} when it takes no more now, or the error of the socket
     */
    int flush(StreamSocket socket) {
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
    long total() {
        return total;
    }

    private void advance(int written) {
        sent += written;
        while (head != tail && sent >= lengths[head & addresses.length - 1]) {
            int index = head++ & addresses.length - 1;
            sent -= lengths[index];
            TcpRequest owner = owners[index];
            owners[index] = null;
            if (owner != null) {
                connection.drop(owner);
            }
        }
    }

    /** A copy of what was not sent. */
    byte[] unsent() {
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
    void clear() {
        head = tail = sent = 0;
        Arrays.fill(owners, null);
    }
}
