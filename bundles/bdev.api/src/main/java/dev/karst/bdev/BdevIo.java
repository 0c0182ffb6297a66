package dev.karst.bdev;

import dev.karst.base.IoVector;
import dev.karst.base.ReactorConfined;
import dev.karst.env.View;
import dev.karst.reactor.Message;

/**
 * One I/O: preallocated by its submitter, usually inside a request of its own, and reused. The submitter sets what it
 * wants, {@linkplain BdevChannel#submit submits} and leaves it and the memory alone until {@link #ended} is called.
 *
 * <p>Between acceptance and end it belongs to the layer that it was submitted to. That layer calls {@link #complete}
 * once, on the reactor that submitted. A second completion, or one of an I/O that is not in flight, is refused and
 * counted.
 */
@ReactorConfined
public abstract class BdevIo extends Message {
    /** Most memory pairs of one I/O. */
    public static final int MAX_SEGMENTS = 64;

    public IoType type;
    /** First block. */
    public long offsetBlocks;
    /** Number of blocks; all of them for a FLUSH of everything. */
    public long blocks;
    /**
     * Where the data lies: {@code blocks} times the block size, for a type that {@linkplain IoType#hasData has data}. A list of its own
     * at first; one that stands for another I/O may have that one's.
     */
    public IoVector data;
    /** For a COMPARE_AND_WRITE: what must be there, as many bytes as {@link #data}. */
    public IoVector compare;
    /** For a COPY: first block of the source. */
    public long sourceBlock;
    /** Address of the metadata, where the device keeps it apart from the data: {@code blocks} times its size; 0 for none. */
    public long metadata;
    /**
     * Which of the checks of {@link Metadata#checks} are left out for this I/O, of {@link Metadata#GUARD} and the others;
     * as NVMe's PRCHK, the other way round.
     */
    public int uncheckedProtection;
    /**
     * Whether the data comes and goes without the protection information, which the layer below makes and checks; as
     * NVMe's PRACT. Where metadata is longer than that, it comes and goes, and the information in it is made anew, as is
     * that of what a COPY or WRITE_ZEROES writes.
     */
    public boolean protectionAction;
    /** What the application tag is set to, or must be in the bits of {@link #applicationTagMask}. */
    public int applicationTag;
    /** Which bits of the application tag are checked; 0, as it is at first, for none. */
    public int applicationTagMask;
    /** For a READ: whether a device that finds nothing but zeros may say so in {@link #zeros} and leave the memory as it is. */
    public boolean takesZeros;
    /** For a READ that ended well and {@link #takesZeros}: all of it is zeros, which are not in its memory. */
    public boolean zeros;
    /**
     * For a READ: whether the memory belongs to the host that reads, so that what it held before is nobody else's. A device that was
     * made to do so may leave it as it is where it has no data.
     */
    public boolean readersMemory;
    /** For a READ: whether a device that has the data in its memory may {@linkplain #view show} it there and leave this memory as it is. */
    public boolean takesView;
    /** For a READ that ended well and {@link #takesView}: where all of its data can be read, if shown; the submitter takes or releases it. */
    public final View view = new View();
    /** For a passthrough: address of the command, 64 bytes. NVMe Base 2.1, Figure 92. */
    public long sqe;
    /**
     * For a passthrough that ended well: dwords 0 and 1 of the completion, dword 0 in the low half. For a SEEK_DATA or
     * SEEK_HOLE: the block that was found.
     */
    public long result;
    /** For an ABORT: what to abort. */
    public BdevIo victim;

    /** Scratch of the module, free between acceptance and completion. */
    public long moduleWord;
    /** Scratch of the module, free between acceptance and completion; the module clears it. */
    public Object moduleState;

    /** The channel that it is in flight on, or was last and hears if it is completed once more; null for none. Set by the channel. */
    BdevChannel channel;
    /** Set by the channel. */
    boolean inFlight;
    /** Time of acceptance on the reactor's clock. Set by the channel. */
    long startNanos;
    /** Where the channel finds it among those in flight. Set by the channel. */
    int place;
    /** Where who watches finds it. Set by the channel. */
    int mark;
    /** The next that waits for room. Set by {@link QueuedChannel}. */
    BdevIo nextWaiting;
    /** What it was completed with last. */
    int status;

    /** An I/O with room for {@code segments} memory pairs. */
    protected BdevIo(int segments) {
        data = new IoVector(segments);
    }

    /**
     * The I/O ended; what was submitted may be reused, also at once. Called on the submitting reactor, never inside
     * submit.
     */
    protected abstract void ended(int status);

    /**
     * For the layer that it is in flight on: it has ended. Whoever completes while the channel is still submitting this
     * or another I/O is taken at its word; the submitter hears later in the reactor's round.
     */
    public final void complete(int status) {
        BdevChannel on = channel;
        if (inFlight) {
            this.status = status;
            on.completed(this, status);
            return;
        }
        BdevChannel.strayCompletion();
        if (on != null) {
            on.strayed(this);
        }
    }

    /** For the channel: tells the submitter, with the status that {@link #complete} was given. */
    @Override
    public final void run() {
        ended(status);
    }

    /** Whether it is in flight. */
    public final boolean isInFlight() {
        return inFlight;
    }

    /** When it was accepted, on the reactor's clock. */
    public final long startNanos() {
        return startNanos;
    }
}
