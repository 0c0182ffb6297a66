package dev.karst.bdev.core.bounce;

import dev.karst.base.IoVector;
import dev.karst.base.Mem;
import dev.karst.base.ReactorConfined;
import dev.karst.base.Status;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.IoType;
import dev.karst.bdev.Metadata;
import dev.karst.bdev.Protection;
import dev.karst.bdev.core.shape.IoLimits;

/**
 * What lies in a job's buffer: blocks as the device has them, with their metadata in between or behind them all. Moves
 * them from and to the submitter's memory, with the metadata or, where it is hidden, without, and makes and checks their
 * protection information.
 */
@ReactorConfined
public final class JobMemory {
    private IoLimits limits;
    private Protection protection;
    private BdevIo whole;
    private long buffer;
    /** Where metadata lies that is not interleaved. */
    private long apart;
    private boolean hidden;
    private int blockSize;

    public void begin(IoLimits limits, BdevIo whole, long buffer, long apart, boolean hidden) {
        this.limits = limits;
        this.protection = limits.protection();
        this.whole = whole;
        this.buffer = buffer;
        this.apart = apart;
        this.hidden = hidden;
        this.blockSize = limits.blockSize();
    }

    private boolean isApart() {
        return limits.metadata().bytes() > 0 && !limits.metadata().interleaved();
    }

    /** The metadata of a block in the buffer, as the module is told; 0 for none. */
    public long metadata(long block) {
        return isApart() && (hidden || whole.metadata != 0 || whole.type.writes() && whole.type != IoType.WRITE
            || limits.metadata().protection() > 0) ? apart + block * limits.metadata().bytes() : 0;
    }

    /** Those blocks of the whole are in the buffer. Gives what becomes of the I/O. */
    public int wasRead(long first, long count) {
        boolean copies = whole.type == IoType.COPY;
        int status = check(copies ? whole.sourceBlock + first : whole.offsetBlocks + first, count);
        if (status != Status.OK) {
            return status;
        }
        return switch (whole.type) {
            case READ -> give(first, count);
            case COMPARE -> same(whole.data, first, count) ? Status.OK : Status.MISCOMPARE;
            case COMPARE_AND_WRITE -> same(whole.compare, first, count) ? fill(first, count) : Status.MISCOMPARE;
            case COPY -> move(first, count);
            default -> Status.OK;
        };
    }

    /** What is hidden is checked for whoever does not see it. */
    private int check(long block, long count) {
        int checks = limits.checks(whole);
        if (checks == 0) {
            return Status.OK;
        }
        int application = hidden && !whole.protectionAction ? 0xffff << 16
            : whole.applicationTagMask << 16 | whole.applicationTag & 0xffff;
        return protection.check(buffer, apart, count, block, checks, application);
    }

    private int move(long first, long count) {
        if (protection.isThere() && whole.protectionAction) {
            protection.insert(buffer, apart, count, whole.offsetBlocks + first, whole.applicationTag);
        } else if (protection.isThere()) {
            protection.move(buffer, apart, count, whole.offsetBlocks + first);
        }
        return Status.OK;
    }

    private int give(long first, long count) {
        if (!hidden) {
            whole.data.copyFrom(first * blockSize, buffer, count * blockSize);
            if (isApart() && whole.metadata != 0) {
                int bytes = limits.metadata().bytes();
                Mem.copy(apart, whole.metadata + first * bytes, count * bytes);
            }
            return Status.OK;
        }
        int bytes = limits.dataBytes();
        for (long i = 0; i < count; i++) {
            whole.data.copyFrom((first + i) * bytes, protection.data(buffer, i), bytes);
        }
        return Status.OK;
    }

    private boolean same(IoVector with, long first, long count) {
        if (!hidden) {
            return with.matches(first * blockSize, buffer, count * blockSize);
        }
        int bytes = limits.dataBytes();
        boolean same = true;
        for (long i = 0; i < count && same; i++) {
            same = with.matches((first + i) * bytes, protection.data(buffer, i), bytes);
        }
        return same;
    }

    /** Puts those blocks of the whole into the buffer, as they shall be written. Gives what becomes of the I/O. */
    public int fill(long first, long count) {
        boolean makes = hidden || whole.protectionAction;
        if (whole.type == IoType.WRITE_ZEROES) {
            Mem.fill(buffer, count * limits.bufferBytes(), (byte) 0);
            makes = true;
        } else if (hidden) {
            int bytes = limits.dataBytes();
            for (long i = 0; i < count; i++) {
                whole.data.copyTo((first + i) * bytes, protection.data(buffer, i), bytes);
                Mem.fill(protection.metadata(buffer, apart, i), limits.metadata().bytes(), (byte) 0);
            }
        } else {
            makes |= fillWithMetadata(first, count);
        }
        if (protection.isThere() && makes) {
            protection.insert(buffer, apart, count, whole.offsetBlocks + first, whole.applicationTag);
            return Status.OK;
        }
        return check(whole.offsetBlocks + first, count);
    }

    /** Whether the protection information must be made, as none was given. */
    private boolean fillWithMetadata(long first, long count) {
        whole.data.copyTo(first * blockSize, buffer, count * blockSize);
        if (!isApart()) {
            return false;
        }
        Metadata metadata = limits.metadata();
        if (whole.metadata == 0) {
            Mem.fill(apart, count * metadata.bytes(), (byte) 0);
            return true;
        }
        Mem.copy(whole.metadata + first * metadata.bytes(), apart, count * metadata.bytes());
        return false;
    }
}
