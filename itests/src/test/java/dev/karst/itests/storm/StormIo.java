package dev.karst.itests.storm;

import dev.karst.base.IoVector;
import dev.karst.bdev.BdevIo;

/** One I/O of a {@link StormLoad}, and its memory. */
final class StormIo extends BdevIo {
    private final StormLoad owner;
    final long address;
    /** What a COMPARE_AND_WRITE compares with. */
    final long other;
    long stamp;
    /** Whether it compares with something else than what is there. */
    boolean differs;
    boolean flying;
    /** Its number among those of its load. */
    long number;
    /** Whether it was submitted while the gate was closed, and the module has not seen it yet. */
    boolean queued;

    StormIo(StormLoad owner, long address, int bytes) {
        super(4);
        this.owner = owner;
        this.address = address;
        this.other = address + bytes;
        compare = new IoVector(1);
    }

    @Override
    protected void ended(int status) {
        owner.ended(this, status);
    }
}
