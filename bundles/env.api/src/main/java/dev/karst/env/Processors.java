package dev.karst.env;

/** The processors that this process may use. */
public interface Processors {
    /** Their numbers, ascending. */
    int[] available();

    /** Binds the calling thread to one processor; false where the system does not allow it. */
    boolean pin(int processor);

    /** Processor time that the calling thread has used, in nanoseconds. */
    long threadNanos();
}
