package dev.karst.env.sim;

import dev.karst.base.IoVector;
import dev.karst.base.Mem;

/**
 * One direction of a connection: a bounded buffer from which bytes arrive at the reader's end some time after they were
 * written. Positions count from the first byte ever written.
 */
final class SimPipe {
    private static final int FIRST_BYTES = 512;

    private final int capacity;
    /** Grows up to the capacity as bytes need it, so that thousands of quiet connections cost little. */
    private byte[] buffer;
    private long written;
    private long arrived;
    private long read;
    boolean endWritten;
    boolean endArrived;
    /** Nothing more arrives. */
    boolean broken;
    /** An arrival is scheduled. */
    boolean moving;

    SimPipe(int capacity) {
        this.capacity = capacity;
        buffer = new byte[Math.min(capacity, FIRST_BYTES)];
    }

    int space() {
        return (int) (capacity - (written - read));
    }

    /** Bytes that have arrived and were not read. */
    int readable() {
        return (int) (arrived - read);
    }

    /** Bytes on the way. */
    int onTheWay() {
        return (int) (written - arrived);
    }

    void arrive(int bytes) {
        arrived += bytes;
    }

    /** Takes {@code length} bytes from {@code offset} of the vector; there must be space. */
    void write(IoVector data, long offset, int length) {
        int needed = (int) (written - read) + length;
        if (needed > buffer.length) {
            grow(Math.min(capacity, Math.max(needed, 2 * buffer.length)));
        }
        long skip = offset;
        int left = length;
        for (int i = 0; i < data.count() && left > 0; i++) {
            if (skip >= data.length(i)) {
                skip -= data.length(i);
                continue;
            }
            int part = (int) Math.min(left, data.length(i) - skip);
            put(data.address(i) + skip, part);
            left -= part;
            skip = 0;
        }
    }

    /** Gives up to {@code length} bytes that have arrived. */
    int read(long address, int length) {
        int most = Math.min(length, readable());
        int done = 0;
        while (done < most) {
            int from = (int) (read % buffer.length);
            int part = Math.min(most - done, buffer.length - from);
            Mem.put(address + done, buffer, from, part);
            read += part;
            done += part;
        }
        return most;
    }

    private void grow(int bytes) {
        byte[] bigger = new byte[bytes];
        for (long at = read; at < written; at++) {
            bigger[(int) (at % bytes)] = buffer[(int) (at % buffer.length)];
        }
        buffer = bigger;
    }

    private void put(long address, int length) {
        int done = 0;
        while (done < length) {
            int to = (int) (written % buffer.length);
            int part = Math.min(length - done, buffer.length - to);
            Mem.get(address + done, buffer, to, part);
            written += part;
            done += part;
        }
    }
}
