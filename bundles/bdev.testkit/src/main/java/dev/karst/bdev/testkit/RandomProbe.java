package dev.karst.bdev.testkit;

import dev.karst.bdev.BdevIo;

/** One I/O of {@link RandomIo}. */
final class RandomProbe extends BdevIo {
    /** Its memory. */
    final long address;
    private final RandomIo owner;
    /** For a flush: what it covers. */
    Model.Floor floor;

    RandomProbe(RandomIo owner, long address) {
        super(MAX_SEGMENTS);
        this.owner = owner;
        this.address = address;
    }

    void clear() {
        data.clear();
        offsetBlocks = 0;
        blocks = 0;
        victim = null;
        floor = null;
    }

    boolean overlaps(RandomProbe other) {
        boolean ranges = other.type.hasRange() && other.floor == null;
        return ranges && offsetBlocks < other.offsetBlocks + other.blocks && other.offsetBlocks < offsetBlocks + blocks;
    }

    @Override
    protected void ended(int status) {
        owner.ended(this, status);
    }
}
