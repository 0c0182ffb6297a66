package dev.karst.itests.stack;

/** What is planted in a layer, to see that a harness finds it. */
enum Bug {
    NONE,
    /** The core answers a command twice. */
    ANSWERED_TWICE,
    /** The core never answers a command. */
    NEVER_ANSWERED,
    /** The core says that a write is done and does not do it. */
    WRITE_NOT_DONE,
    /** The core reads or writes the next block instead. */
    WRONG_BLOCK,
    /** The core fails a command for no reason. */
    FAILED,
    /** The core does not let a queue go. */
    QUEUE_LEAKED,
    /** The device says that a write is done and does not do it. */
    DEVICE_LOSES_WRITE,
    /** The device ends an I/O twice. */
    DEVICE_ENDS_TWICE,
    /** The device never ends an I/O. */
    DEVICE_NEVER_ENDS,
    /** The device keeps a region of memory for an I/O. */
    DEVICE_LEAKS_MEMORY
}
