package dev.karst.env.sim;

import dev.karst.env.Threads;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;

/** There are no threads: background work waits here until whoever drives the simulation runs it. */
public final class SimThreads implements Threads {
    private final Deque<Runnable> waiting = new ArrayDeque<>();

    SimThreads() {}

    @Override
    public void start(String name, Runnable body) {
        throw new UnsupportedOperationException("the simulator has no threads to start " + name + " on");
    }

    @Override
    public Executor background() {
        return waiting::addLast;
    }

    /** Whether background work waits. */
    public boolean hasWork() {
        return !waiting.isEmpty();
    }

    /** Runs the oldest piece of background work. */
    public void runNext() {
        waiting.removeFirst().run();
    }
}
