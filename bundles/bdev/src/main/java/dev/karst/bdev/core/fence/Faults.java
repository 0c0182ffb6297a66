package dev.karst.bdev.core.fence;

/** The faults of one version of a module, and whether it is fenced for them. Any thread. */
public final class Faults {
    /**
     * How much is too much.
     *
     * @param most that many faults in {@code windowMs} fence a module; 0 for never
     * @param windowMs in milliseconds
     * @param heldMs how long a module may hold an I/O before it is asked to end it, in milliseconds; 0 for any time
     */
    public record Limits(int most, long windowMs, long heldMs) {
        public static final Limits DEFAULT = new Limits(16, 60_000, 120_000);
    }

    private long since;
    private int count;
    private String fenced;

    /** One more. Gives why the module is fenced now, because of this one; null when it is not, or was before. */
    public synchronized String add(String what, long nowNanos, Limits limits) {
        if (count == 0 || nowNanos - since > limits.windowMs * 1_000_000) {
            since = nowNanos;
            count = 0;
        }
        count++;
        if (limits.most == 0 || count < limits.most || fenced != null) {
            return null;
        }
        fenced = count + " faults of its module in " + limits.windowMs + " ms, the last: it " + what;
        return fenced;
    }

    /** Why the module is fenced; null when it is not. */
    public synchronized String fenced() {
        return fenced;
    }
}
