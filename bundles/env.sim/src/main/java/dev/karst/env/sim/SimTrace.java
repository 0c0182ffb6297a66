package dev.karst.env.sim;

/** A running hash of all that happened: two runs from one seed end with the same. Addresses never go into it. */
public final class SimTrace {
    private long hash = 0x9E3779B97F4A7C15L;
    private long events;

    /** Something happened: what, and two figures of it. */
    public void event(String what, long one, long other) {
        mix(what.hashCode());
        mix(one);
        mix(other);
        events++;
    }

    /** The hash of all events up to now. */
    public long hash() {
        return hash;
    }

    /** How many events there were. */
    public long events() {
        return events;
    }

    private void mix(long value) {
        long mixed = (hash ^ value) * 0xBF58476D1CE4E5B9L;
        hash = mixed ^ mixed >>> 31;
    }
}
