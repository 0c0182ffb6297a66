package dev.karst.base;

/**
 * Stops new work and knows when the old is done. Whoever does a piece of work enters, and leaves when it has ended;
 * after {@link #close} nobody enters, and the listener hears once when the last one has left. Reactor-confined.
 */
@ReactorConfined
public final class Gate {
    private int inside;
    private boolean closed;
    private Runnable whenEmpty;

    /** Enters unless the gate is closed; every success is paired with one {@link #leave}. */
    public boolean enter() {
        if (closed) {
            return false;
        }
        inside++;
        return true;
    }

    /** Leaves; the last to leave a closed gate runs its listener. */
    public void leave() {
        assert inside > 0 : "left a gate that nobody is in";
        if (--inside == 0 && closed) {
            runListener();
        }
    }

    /** Closes; {@code whenEmpty} runs once nobody is inside, at once if nobody is now. */
    public void close(Runnable whenEmpty) {
        assert !closed : "closed twice";
        closed = true;
        this.whenEmpty = whenEmpty;
        if (inside == 0) {
            runListener();
        }
    }

    /** Opens again. A listener that has not run yet never will. */
    public void open() {
        closed = false;
        whenEmpty = null;
    }

    public boolean isClosed() {
        return closed;
    }

    /** How many have entered and not left. */
    public int inside() {
        return inside;
    }

    private void runListener() {
        Runnable listener = whenEmpty;
        whenEmpty = null;
        if (listener != null) {
            listener.run();
        }
    }
}
