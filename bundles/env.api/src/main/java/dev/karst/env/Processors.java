package dev.karst.env;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;

/** The processors that this process may use. */
public interface Processors {
    /** Their numbers, ascending. */
    int[] available();

    /** Binds the calling thread to one processor; false where the system does not allow it. */
    boolean pin(int processor);

    /** Processor time that the calling thread has used, in nanoseconds. */
    long threadNanos();

    /**
     * How often a thread went off its processor since it began.
     *
     * @param voluntary because it waited for something
     * @param involuntary because another was given the processor
     */
    record Switches(long voluntary, long involuntary) {}

    /** How often the calling thread went off its processor; zeros where nobody counts. */
    default Switches threadSwitches() {
        return new Switches(0, 0);
    }

    /**
     * Takes a processor's lock, so that no other program that takes it too (those of SPDK do) runs there. Kept until {@link
     * #unlock} or the end of the process. Control threads.
     *
     * @throws StorageException EBUSY when another process has it; EOPNOTSUPP where there are none, EACCES
     */
    default void lock(int processor) throws StorageException {
        throw StorageException.errno(
            Errno.EOPNOTSUPP, Errno.text(Errno.EOPNOTSUPP) + ": processor " + processor + " has no lock");
    }

    /** Gives a processor's lock back, if it is held. Control threads. */
    default void unlock(int processor) {}
}
