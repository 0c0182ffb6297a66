package dev.karst.stream;

import dev.karst.base.ReactorConfined;
import dev.karst.reactor.Poller;

/**
 * The round of a reactor's connections: those that are ready are read, then those that have something to send are flushed, one write
 * for all that the round produced.
 */
@ReactorConfined
public final class Round extends Poller {
    private final Bag<Turn> ready = new Bag<>();
    private final Bag<Turn> dirty = new Bag<>();
    private boolean resting;

    /** It may have something to read. */
    public void ready(Turn turn) {
        if (!turn.isReady && !turn.isClosed()) {
            turn.isReady = true;
            ready.add(turn);
        }
    }

    /** It has something to send. */
    public void dirty(Turn turn) {
        if (!turn.isDirty && !turn.isClosed()) {
            turn.isDirty = true;
            dirty.add(turn);
        }
    }

    /** It has gone. */
    public void remove(Turn turn) {
        ready.remove(turn);
        dirty.remove(turn);
    }

    /** Nothing is read from now on. */
    public void rest() {
        resting = true;
    }

    @Override
    public int poll() {
        return readReady() + flushDirty();
    }

    /** From the last to the first, so that those that are ready again at once come behind those that were not read yet. */
    private int readReady() {
        int count = resting ? 0 : ready.size();
        for (int i = count - 1; i >= 0; i--) {
            if (i < ready.size()) {
                Turn turn = ready.removeAt(i);
                turn.isReady = false;
                read(turn);
            }
        }
        return count;
    }

    private void read(Turn turn) {
        try {
            if (!turn.isClosed() && turn.read()) {
                ready(turn);
            }
        } catch (RuntimeException | AssertionError e) {
            turn.failed(e);
        }
    }

    private int flushDirty() {
        int count = dirty.size();
        while (dirty.size() > 0) {
            Turn turn = dirty.removeAt(dirty.size() - 1);
            turn.isDirty = false;
            try {
                turn.flush();
            } catch (RuntimeException | AssertionError e) {
                turn.failed(e);
            }
        }
        return count;
    }
}
