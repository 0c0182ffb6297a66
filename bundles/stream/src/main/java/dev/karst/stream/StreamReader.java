package dev.karst.stream;

import dev.karst.base.Mem;
import dev.karst.base.ReactorConfined;
import dev.karst.base.StateReader;
import dev.karst.base.StateWriter;
import dev.karst.base.StorageException;
import dev.karst.env.StreamSocket;

/**
 * Takes in a stream of bytes. They are read to a buffer that the connections of a reactor share, as little is left in it between two
 * turns, which each connection keeps for itself; much outstanding data is read to where it belongs without a copy. What the bytes
 * mean is a matter of the subclass.
 */
@ReactorConfined
public abstract class StreamReader {
    /** The buffer that connections share. */
    public static final int BUFFER_BYTES = 256 * 1024;

    /** What is read at once beside large data, most of which is then read to its place. */
    private static final int BESIDE_LARGE_BYTES = 16 * 1024;
    /** From this length on data is large. */
    private static final int LARGE_BYTES = 8 * 1024;
    /** From this much outstanding data on it is read to its place directly. */
    private static final int DIRECT_BYTES = 2048;
    /** What one connection may take in before the others have their turn. */
    private static final int SHARE_BYTES = 512 * 1024;

    private final long buffer;
    private final long rest;
    private final int restMax;
    /** Bytes that have come and mean nothing before more come. */
    private int restBytes;
    private int head;
    private int tail;
    /** How much is read to the buffer at once. */
    private int window = BUFFER_BYTES;

    /**
     * A reader with nothing read.
     *
     * @param buffer of {@link #BUFFER_BYTES}, which others use too
     * @param rest of {@code restMax} bytes, its own: no fewer than a step may wait for
     */
    protected StreamReader(long buffer, long rest, int restMax) {
        this.buffer = buffer;
        this.rest = rest;
        this.restMax = restMax;
    }

    /** Takes one part of what has come; false when more has to come first. */
    protected abstract boolean step();

    /** Where the next bytes of the stream belong if they need not be looked at, or 0. */
    protected abstract long place();

    /** How many bytes belong to {@link #place}. */
    protected abstract int placeBytes();

    /** So many bytes have come to {@link #place}. */
    protected abstract void placed(int count);

    /** The stream has ended: 0, or the negative error number of the socket. */
    protected abstract void ended(int count);

    /** Whether nothing is to be read any more. */
    protected abstract boolean isClosed();

    /** How many bytes have come and were not taken. */
    protected final int available() {
        return tail - head;
    }

    /** Address of the first of them. */
    protected final long head() {
        return buffer + head;
    }

    /** Takes so many of them. */
    protected final void take(int count) {
        head += count;
    }

    /** Takes all of them. */
    protected final void takeAll() {
        head = tail = 0;
    }

    /** So much data comes next; it decides how much is read at once. */
    protected final void announce(int dataLength) {
        window = dataLength >= LARGE_BYTES ? BESIDE_LARGE_BYTES : BUFFER_BYTES;
    }

    /** Copies bytes that have come to where they belong, as many as there are of {@code most}. Gives how many. */
    protected final int copyTo(long target, int most) {
        int count = Math.min(most, available());
        if (target != 0 && count > 0) {
            Mem.copy(head(), target, count);
        }
        take(count);
        return count;
    }

    /** Whether bytes have come that were not taken. */
    public final boolean hasMore() {
        return head < tail;
    }

    /** Writes the bytes that were not taken, between two turns. */
    protected final void saveRest(StateWriter state) {
        state.memory(rest, restBytes);
    }

    /** Goes on with such bytes. */
    protected final void restoreRest(StateReader state) throws StorageException {
        byte[] saved = state.bytes();
        restBytes = Math.min(saved.length, restMax);
        Mem.put(rest, saved, 0, restBytes);
    }

    /** Takes in what the socket has, up to a share. Returns whether there may be more now. */
    public final boolean receive(StreamSocket socket) {
        head = 0;
        tail = restBytes;
        Mem.copy(rest, buffer, restBytes);
        boolean more = receiveShare(socket);
        if (!isClosed()) {
            restBytes = tail - head;
            assert restBytes <= restMax : "more was left than there is room for";
            Mem.copy(head(), rest, restBytes);
        }
        return more;
    }

    private boolean receiveShare(StreamSocket socket) {
        int share = SHARE_BYTES;
        while (share > 0) {
            boolean direct = head == tail && place() != 0 && placeBytes() >= DIRECT_BYTES;
            int count = direct ? readDirect(socket) : readBuffered(socket);
            if (count == StreamSocket.AGAIN) {
                return false;
            }
            if (count <= 0) {
                ended(count);
                return false;
            }
            share -= count;
            while (!isClosed() && step()) {
                // One step takes one part.
            }
            if (isClosed()) {
                return false;
            }
        }
        return true;
    }

    private int readDirect(StreamSocket socket) {
        int count = socket.read(place(), placeBytes());
        if (count > 0) {
            placed(count);
        }
        return count;
    }

    private int readBuffered(StreamSocket socket) {
        if (head > 0) {
            tail -= head;
            Mem.copy(buffer + head, buffer, tail);
            head = 0;
        }
        int count = socket.read(buffer + tail, window - tail);
        if (count > 0) {
            tail += count;
        }
        return count;
    }
}
