package dev.karst.base;

/** The only source of time. Any thread. */
public abstract class Clock {
    /** Nanoseconds on a monotonic clock of arbitrary origin. */
    public abstract long nanos();

    /** Milliseconds since the Unix epoch, for people and for stored records; it may jump. */
    public abstract long wallMs();
}
