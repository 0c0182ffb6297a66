package dev.karst.nvme.tcp;

import dev.karst.base.IoVector;
import dev.karst.base.ReactorConfined;

/** The R2Ts of a connection that are not answered whole, in the order of their coming. Each becomes one H2CData PDU or more. */
@ReactorConfined
final class HostData {
    /** How many a controller may have open for one command. */
    static final int R2TS_OF_COMMAND = 4;

    private final Flight[] flights;
    private final int[] tags;
    private final long[] offsets;
    private final long[] lengths;
    private int first;
    private int last;

    /** Room for all R2Ts of so many commands. */
    HostData(int depth) {
        int size = Integer.highestOneBit(Math.max(2, depth * R2TS_OF_COMMAND) - 1) << 1;
        flights = new Flight[size];
        tags = new int[size];
        offsets = new long[size];
        lengths = new long[size];
    }

    boolean isEmpty() {
        return first == last;
    }

    void add(Flight flight, int tag, long offset, long length) {
        int at = last++ & flights.length - 1;
        flights[at] = flight;
        tags[at] = tag;
        offsets[at] = offset;
        lengths[at] = length;
        flight.asked += length;
        flight.openR2ts++;
    }

    /** Composes PDUs with up to {@code most} bytes of data for as many R2Ts as there is room for. */
    void compose(TcpQueue queue, Output output, long most) {
        while (first != last && output.hasRoom(1, Output.MOST_SEGMENTS)) {
            int at = first & flights.length - 1;
            Flight flight = flights[at];
            IoVector data = queue.dataOf(flight);
            long length = within(data, offsets[at], Math.min(lengths[at], most));
            boolean whole = length == lengths[at];
            queue.hostData(flight, tags[at], offsets[at], (int) length, whole);
            offsets[at] += length;
            lengths[at] -= length;
            if (whole) {
                flight.openR2ts--;
                flights[at] = null;
                first++;
            }
        }
    }

    /** How many bytes from {@code offset} on lie in no more pieces than a PDU may have: {@code most}, or a multiple of 4. */
    private static long within(IoVector data, long offset, long most) {
        long skip = offset;
        long length = 0;
        int pieces = 0;
        for (int i = 0; length < most && pieces < Output.MOST_SEGMENTS; i++) {
            int here = data.length(i);
            if (skip < here) {
                length += here - skip;
                pieces++;
                skip = here;
            }
            skip -= here;
        }
        return length < most ? length & ~3L : most;
    }

    /** The command ended: what it was asked for is not sent any more. */
    void drop(Flight flight) {
        int kept = first;
        for (int at = first; at != last; at++) {
            int from = at & flights.length - 1;
            if (flights[from] != flight) {
                int to = kept++ & flights.length - 1;
                flights[to] = flights[from];
                tags[to] = tags[from];
                offsets[to] = offsets[from];
                lengths[to] = lengths[from];
            }
        }
        last = kept;
    }

    void clear() {
        first = last = 0;
    }
}
