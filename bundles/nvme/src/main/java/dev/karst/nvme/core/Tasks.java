package dev.karst.nvme.core;

import dev.karst.base.StorageException;
import dev.karst.reactor.Reactors;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** Control-plane work, one piece after the other in the background. Any thread. */
final class Tasks {
    private static final Logger LOG = System.getLogger(Tasks.class.getName());

    /** Work that may fail. */
    @FunctionalInterface
    interface Task<T> {
        T run() throws StorageException;
    }

    private final Executor background;
    private final Reactors reactors;
    private final Deque<Runnable> waiting = new ArrayDeque<>();
    private boolean running;

    Tasks(Executor background, Reactors reactors) {
        this.background = background;
        this.reactors = reactors;
    }

    /** Does it when all that came before is done. */
    void later(Runnable task) {
        synchronized (waiting) {
            waiting.add(task);
            if (running) {
                return;
            }
            running = true;
        }
        background.execute(this::drain);
    }

    /** Does it when all that came before is done, and waits for it; not from within a task. */
    <T> T now(Task<T> task, long timeoutMs, String what) throws StorageException {
        var done = new CompletableFuture<T>();
        later(() -> {
            try {
                done.complete(task.run());
            } catch (StorageException | RuntimeException e) {
                done.completeExceptionally(e);
            }
        });
        return reactors.await(done, timeoutMs, what);
    }

    private void drain() {
        for (Runnable task = next(); task != null; task = next()) {
            try {
                task.run();
            } catch (RuntimeException e) {
                LOG.log(Level.ERROR, "a task of the driver failed", e);
            }
        }
    }

    private Runnable next() {
        synchronized (waiting) {
            Runnable task = waiting.poll();
            running = task != null;
            return task;
        }
    }
}
