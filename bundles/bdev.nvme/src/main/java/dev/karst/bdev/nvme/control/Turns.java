package dev.karst.bdev.nvme.control;

import dev.karst.base.StorageException;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;

/**
 * One thing at a time: calls wait for their turn, events queue up behind whatever is going on and nobody waits for them. Control
 * threads.
 */
final class Turns {
    private static final System.Logger LOG = System.getLogger(Turns.class.getName());

    /** Something with a result. */
    @FunctionalInterface
    interface Task<T> {
        T run() throws StorageException;
    }

    private final ArrayDeque<Runnable> events = new ArrayDeque<>();
    private boolean busy;

    /** Runs it when it is its turn. */
    <T> T call(Task<T> task) throws StorageException {
        begin();
        try {
            return task.run();
        } finally {
            end();
        }
    }

    /** Runs it now, or when what goes on has ended. */
    void event(Runnable event) {
        synchronized (this) {
            events.add(event);
            if (busy) {
                return;
            }
            busy = true;
        }
        end();
    }

    private synchronized void begin() {
        boolean interrupted = false;
        while (busy) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        busy = true;
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void end() {
        for (Runnable event = next(); event != null; event = next()) {
            try {
                event.run();
            } catch (RuntimeException e) {
                LOG.log(Level.ERROR, "What a controller told was not dealt with", e);
            }
        }
    }

    private synchronized Runnable next() {
        Runnable event = events.poll();
        if (event == null) {
            busy = false;
            notifyAll();
        }
        return event;
    }
}
