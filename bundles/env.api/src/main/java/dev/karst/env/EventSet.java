package dev.karst.env;

import dev.karst.base.ReactorConfined;

/** What one reactor waits on when it has nothing to do: sockets, its file ring, and a wake-up from other threads. */
@ReactorConfined
public abstract class EventSet {
    /**
     * Delivers what is ready to its {@link Readiness}. Waits for something for up to {@code timeoutNanos}; 0 does not wait,
     * {@link Long#MAX_VALUE} waits without end. Reactor-confined.
     *
     * @return how many sources were ready; a wake-up does not count
     */
    public abstract int poll(long timeoutNanos);

    /** Ends a wait now or, if there is none, the next one at once. Any thread. */
    public abstract void wake();

    /** Whether the reactor waits here: for something to happen or, after it has, for a processor. It runs nobody's code then. Any thread. */
    public boolean isWaiting() {
        return false;
    }

    /** Closes; nothing may be watched any more. */
    public abstract void close();
}
