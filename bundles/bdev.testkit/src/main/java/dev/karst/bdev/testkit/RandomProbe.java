package dev.karst.bdev.testkit;

import dev.karst.base.IoVector;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.IoType;

/** One I/O of {@link RandomIo}. */
final class RandomProbe extends BdevIo {
    /** Its memory. */
    final long address;
    /** Of its memory: what a COMPARE_AND_WRITE compares with. */
    final long compareAddress;
    private final IoVector comparing = new IoVector(MAX_SEGMENTS);
    private final RandomIo owner;
    /** For a flush: what it covers. */
    Model.Floor floor;

    /** Whether it compares with something else than what is there. */
    boolean differs;

    RandomProbe(RandomIo owner, long address, long compareAddress) {
        super(MAX_SEGMENTS);
        this.owner = owner;
        this.address = address;
        this.compareAddress = compareAddress;
    }

    /** It compares with {@code bytes} bytes in one piece. */
    void compares(int bytes) {
        comparing.set(compareAddress, bytes);
        compare = comparing;
    }

    /** Whether it was asked to change the blocks, as far as it is known. */
    boolean changes() {
        return type.writes() && !differs;
    }

    void clear() {
        data.clear();
        offsetBlocks = 0;
        blocks = 0;
        victim = null;
        floor = null;
        compare = null;
        sourceBlock = 0;
        differs = false;
    }

    /** Whether both touch one block. */
    boolean overlaps(RandomProbe other) {
        boolean ranges = other.type.hasRange() && other.floor == null;
        return ranges && (touches(other.offsetBlocks, other.blocks)
            || other.type == IoType.COPY && touches(other.sourceBlock, other.blocks));
    }

    private boolean touches(long first, long count) {
        return meets(offsetBlocks, blocks, first, count)
            || type == IoType.COPY && meets(sourceBlock, blocks, first, count);
    }

    static boolean meets(long first, long count, long other, long otherCount) {
        return first < other + otherCount && other < first + count;
    }

    @Override
    protected void ended(int status) {
        owner.ended(this, status);
    }
}
