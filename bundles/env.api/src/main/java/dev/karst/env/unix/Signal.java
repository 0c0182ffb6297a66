package dev.karst.env.unix;

import dev.karst.env.EventSet;
import dev.karst.env.Readiness;

/** An eventfd: one process raises it, the other is told. */
public abstract class Signal {
    /** Its descriptor, to be given to another process; it stays this object's. Any thread. */
    public abstract int descriptor();

    /** Raises it. Any thread, without waiting. */
    public abstract void raise();

    /** Tells {@code readiness} each time that it is raised: {@link Readiness#readable}. The thread of the event set. */
    public abstract void watch(EventSet events, Readiness readiness);

    /** Stops telling. The same thread. */
    public abstract void unwatch();

    /** Closes; nobody watches it. */
    public abstract void close();
}
