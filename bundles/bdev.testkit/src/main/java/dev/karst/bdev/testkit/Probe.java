package dev.karst.bdev.testkit;

import dev.karst.bdev.BdevIo;
import dev.karst.bdev.IoType;

/** An I/O that notes how it ended, and how often. Reactor-confined; the notes may be read by any thread. */
public class Probe extends BdevIo {
    private volatile int ends;
    private volatile int status = -1;

    /** A probe for many pieces of memory. */
    public Probe() {
        super(MAX_SEGMENTS);
    }

    /** Sets what it does, without data. */
    public Probe wants(IoType type, long offsetBlocks, long blocks) {
        this.type = type;
        this.offsetBlocks = offsetBlocks;
        this.blocks = blocks;
        sourceBlock = 0;
        compare = null;
        metadata = 0;
        data.clear();
        ends = 0;
        status = -1;
        return this;
    }

    /** Sets where the data lies, in one piece. */
    public Probe at(long address, int bytes) {
        data.set(address, bytes);
        return this;
    }

    @Override
    protected void ended(int status) {
        this.status = status;
        ends++;
    }

    /** How often it ended since {@link #wants}. */
    public final int ends() {
        return ends;
    }

    public final boolean hasEnded() {
        return ends > 0;
    }

    /** How it ended; -1 before. */
    public final int status() {
        return status;
    }
}
