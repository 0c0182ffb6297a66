package dev.karst.env;

import dev.karst.base.IoVector;
import dev.karst.base.MpscQueue;
import dev.karst.base.ReactorConfined;

/**
 * One asynchronous operation on a file, preallocated and reused by its owner, who extends it with what it needs when the
 * operation completes. The owner sets the fields, submits, and leaves it and the memory alone until it is completed.
 */
@ReactorConfined
public abstract class FileOp extends MpscQueue.Node {
    /** What to do. */
    public enum Kind {
        READ,
        WRITE,
        /** All that was written before this was submitted and has completed becomes durable. */
        SYNC,
        /** The range reads as zeros and its space is given back. */
        PUNCH,
        /** The range reads as zeros; where a file system can only punch, by punching it. */
        ZERO
    }

    public Kind kind;
    public DataFile file;
    /** First byte in the file. */
    public long offset;
    /** Bytes; for a read or write what the vector holds. */
    public long length;
    /** Where the data lies, for a read or write; at most {@link FileRing#MAX_SEGMENTS} pairs. */
    public IoVector data;

    /** For the ring: which of its slots this operation holds. */
    public int slot;
    /** For the ring: an outcome that another thread hands over. */
    public int outcome;

    /**
     * The operation ended. Called on the reactor, once for each accepted submission, never from within {@link
     * FileRing#submit}.
     *
     * @param result bytes moved (possibly fewer than asked), 0 for what moves none, or a negative error number; ECANCELED
     *     when it was cancelled
     */
    public abstract void completed(int result);
}
