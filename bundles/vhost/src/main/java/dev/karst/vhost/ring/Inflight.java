package dev.karst.vhost.ring;

import dev.karst.base.ReactorConfined;
import java.util.Arrays;

/**
 * The chains of a ring in flight, in memory that outlives this process: who serves the ring next begins with these, in the order in which
 * they came. What it reads there is the front-end's, and believed no more than what a driver writes.
 */
@ReactorConfined
abstract class Inflight {
    static final int VERSION = 1;

    final long address;
    final int size;
    /** Entries in flight, in order, and how many of them were given out again. */
    private int[] pending = {};
    private int given;
    private long counter = 1;

    Inflight(long address, int size) {
        this.address = address;
        this.size = size;
    }

    /** The counter of an entry; 0 when it is not in flight. */
    abstract long counter(int entry);

    /** Finds those in flight. */
    final void collect() {
        int count = 0;
        int[] found = new int[size];
        long[] counters = new long[size];
        for (int entry = 0; entry < size; entry++) {
            long its = counter(entry);
            if (its != 0) {
                found[count++] = entry;
                counters[entry] = its;
                counter = Math.max(counter, its + 1);
            }
        }
        pending = Arrays.stream(found, 0, count).boxed().sorted((a, b) -> Long.compare(counters[a], counters[b]))
            .mapToInt(Integer::intValue).toArray();
    }

    /** How many were in flight. */
    final int found() {
        return pending.length;
    }

    /** Which entry was the n-th. */
    final int found(int n) {
        return pending[n];
    }

    /** The next entry that was in flight; -1 when there is none. */
    final int next() {
        return given < pending.length ? pending[given++] : -1;
    }

    /** How many were in flight and have not been given out again. */
    final int left() {
        return pending.length - given;
    }

    final long nextCounter() {
        return counter++;
    }
}
