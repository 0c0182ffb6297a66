package dev.karst.env;

import java.util.concurrent.Executor;

/** Where threads come from. */
public interface Threads {
    /** Starts a platform thread that runs a reactor or a server. */
    void start(String name, Runnable body);

    /**
     * Runs control-plane work that may block, each piece on a thread of its own (virtual on a machine); the simulator runs
     * it between two steps.
     */
    Executor background();
}
