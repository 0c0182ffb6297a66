package dev.karst.bdev.testkit.fault;

/** What a module may do wrong, or only late. */
public enum Fault {
    // Submissions.
    /** Has no room. */
    BUSY,
    /** Refuses for good, with one of several statuses. */
    REFUSES,
    /** Throws and does nothing. */
    THROWS,
    /** Ends the I/O and then throws. */
    THROWS_AFTER,
    /** Ends the I/O with an error and does nothing. */
    FAILS,
    /** Ends the I/O twice. */
    TWICE,
    /** Ends the I/O again much later, when nobody waits for it. */
    TWICE_LATER,
    /** Does it after a while, so that others overtake it. */
    LATE,
    /** Never ends it by itself. */
    MISSING,
    // What is asked of an I/O that it holds.
    /** Does nothing when asked to abort. */
    IGNORES_ABORT,
    ABORT_THROWS,
    /** Does not let go of an I/O when a drain's time is up. */
    KEEPS,
    ABANDON_THROWS,
    // The life of modules, devices and channels.
    START_THROWS,
    STOP_THROWS,
    /** Cannot bring a parked device back. */
    RESTORE_FAILS,
    RESTORE_THROWS,
    /** Fails to register what it made. */
    REGISTER_FAILS,
    OPEN_FAILS,
    OPEN_THROWS,
    CLOSE_THROWS,
    DESTROY_THROWS
}
