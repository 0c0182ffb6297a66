package dev.karst.nvme.tcp;

import dev.karst.base.IoVector;
import dev.karst.base.ReactorConfined;
import dev.karst.env.StreamSocket;
import java.util.Arrays;

/**
 * What a connection has to send, in order: headers and digests, which lie in a ring of memory and are sent as one piece where
 * they follow each other there, and data where its owner has it.
 */
@ReactorConfined
final class Output {
    /** Most memory that one PDU needs here: a header with its digest, padded; the data's digest. */
    static final int PDU_BYTES = 128 + 4;
    /** Most pieces of data in one PDU. */
    static final int MOST_SEGMENTS = 60;
    /** What a socket takes at once. */
    private static final int VECTOR = 64;

    private final TcpQueue queue;
    private final long memory;
    private final int size;
    private final IoVector vector = new IoVector(VECTOR);
    private final long[] addresses;
    private final int[] lengths;
    /** Bytes of the ring that each piece frees. */
    private final int[] frees;
    private final Flight[] owners;
    private int first;
    private int last;
    /** Bytes of the first piece that are sent. */
    private int sent;
    /** Ring positions, which count on for ever. */
    private int head;
    private int tail;

    /** Output for so many commands at once, in {@link #memoryBytes} of memory. */
    Output(TcpQueue queue, int depth, long memory) {
        this.queue = queue;
        this.memory = memory;
        size = memoryBytes(depth);
        int pieces = powerOfTwo(Math.max(4 * depth, 4 * MOST_SEGMENTS));
        addresses = new long[pieces];
        lengths = new int[pieces];
        frees = new int[pieces];
        owners = new Flight[pieces];
    }

    static int memoryBytes(int depth) {
        return powerOfTwo((depth + 8) * PDU_BYTES);
    }

    private static int powerOfTwo(int atLeast) {
        return Integer.highestOneBit(atLeast - 1) << 1;
    }

    boolean isEmpty() {
        return first == last;
    }

    /** Whether there is room for so many PDUs that have so many pieces of data together. */
    boolean hasRoom(int pdus, int segments) {
        return size - (tail - head) >= (pdus + 1) * PDU_BYTES && addresses.length - (last - first) >= 2 * pdus + segments;
    }

    /** Adds memory for a header or a digest. Returns where it is to be written, before the next {@link #flush}. */
    long reserve(int bytes) {
        int at = tail & size - 1;
        int skipped = at + bytes > size ? size - at : 0;
        long address = memory + (skipped > 0 ? 0 : at);
        tail += skipped + bytes;
        int before = last - 1 & addresses.length - 1;
        if (first != last && owners[before] == null && addresses[before] + lengths[before] == address) {
            lengths[before] += bytes;
            frees[before] += bytes;
        } else {
            add(address, bytes, skipped + bytes, null);
        }
        return address;
    }

    /** Adds data of a command, up to {@link #MOST_SEGMENTS} pieces. */
    void add(Flight owner, IoVector data, long offset, long length) {
        long skip = offset;
        long left = length;
        for (int i = 0; left > 0; i++) {
            int here = data.length(i);
            if (skip < here) {
                int part = (int) Math.min(left, here - skip);
                add(data.address(i) + skip, part, 0, owner);
                owner.unsent++;
                left -= part;
                skip = here;
            }
            skip -= here;
        }
    }

    private void add(long address, int length, int freed, Flight owner) {
        int at = last++ & addresses.length - 1;
        addresses[at] = address;
        lengths[at] = length;
        frees[at] = freed;
        owners[at] = owner;
    }

    /**
     * Sends as much as the socket takes.
     *
     * @return 0 when all is out, {@link StreamSocket#AGAIN} when it takes no more now, or the error of the socket
     */
    int flush(StreamSocket socket) {
        while (first != last) {
            vector.clear();
            for (int at = first; at != last && vector.count() < VECTOR; at++) {
                int index = at & addresses.length - 1;
                vector.add(addresses[index], lengths[index]);
            }
            int written = socket.write(vector, sent);
            if (written < 0) {
                return written;
            }
            advance(written);
        }
        head = tail = 0;
        return 0;
    }

    private void advance(int written) {
        sent += written;
        while (first != last && sent >= lengths[first & addresses.length - 1]) {
            int index = first++ & addresses.length - 1;
            sent -= lengths[index];
            head += frees[index];
            Flight owner = owners[index];
            owners[index] = null;
            if (owner != null && --owner.unsent == 0 && owner.answered) {
                queue.end(owner, owner.status, owner.result);
            }
        }
    }

    /** Forgets what was not sent. */
    void clear() {
        first = last = sent = head = tail = 0;
        Arrays.fill(owners, null);
    }
}
