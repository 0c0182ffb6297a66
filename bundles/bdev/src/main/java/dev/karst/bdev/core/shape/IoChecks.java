package dev.karst.bdev.core.shape;

import dev.karst.base.IoVector;
import dev.karst.base.ReactorConfined;
import dev.karst.base.Status;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.IoType;
import java.util.Arrays;
import java.util.function.Predicate;

/** Holds an I/O against what its device can do at all: what is refused here can never succeed. */
@ReactorConfined
public final class IoChecks {
    private static final int RANGED = bits(IoType::hasRange);
    private static final int DATA = bits(IoType::hasData);
    private static final int WRITES = bits(IoType::writes);
    private static final int SPECIAL = bits(type -> type.isPassthrough() || type == IoType.COPY
        || type == IoType.COMPARE_AND_WRITE);
    private static final int IN_UNITS = bits(type -> type == IoType.WRITE || type == IoType.WRITE_ZEROES);

    private final IoLimits limits;
    private final int supported;
    private final int special;
    private final int blockSize;
    private final long alignmentMask;
    private final boolean keepsMetadata;
    private long blocks;

    /** Of a device with that many blocks now. */
    public IoChecks(IoLimits limits, long blocks) {
        this.limits = limits;
        this.blocks = blocks;
        supported = limits.accepted();
        special = limits.unit() > 1 ? SPECIAL | IN_UNITS : SPECIAL;
        blockSize = limits.blockSize();
        alignmentMask = limits.alignment() - 1;
        keepsMetadata = limits.metadata().bytes() > 0;
    }

    private static int bits(Predicate<IoType> condition) {
        return Arrays.stream(IoType.values()).filter(condition).mapToInt(type -> 1 << type.ordinal()).sum();
    }

    /** The device has so many blocks from now on. */
    public void resize(long blocks) {
        this.blocks = blocks;
    }

    /**
     * Whether the I/O can be done.
     *
     * @param writable whether its submitter may write
     * @param hides whether its submitter sees no metadata
     */
    public int check(BdevIo io, boolean writable, boolean hides) {
        int bit = 1 << io.type.ordinal();
        if ((supported & bit) == 0) {
            return Status.NOT_SUPPORTED;
        }
        if ((bit & RANGED) == 0) {
            return (bit & SPECIAL) == 0 ? Status.OK : checkPassthrough(io, writable);
        }
        if (isOutside(io)) {
            return Status.OUT_OF_RANGE;
        }
        if ((bit & DATA) != 0 && !isDataRight(io, io.data, hides)) {
            return Status.INVALID;
        }
        if ((bit & WRITES) != 0 && !writable) {
            return Status.READ_ONLY;
        }
        return (bit & special) == 0 || io.blocks == 0 ? Status.OK : checkSpecially(io, hides);
    }

    /** Its data is not bounced, as it may go either way. */
    private int checkPassthrough(BdevIo io, boolean writable) {
        if (!writable) {
            return Status.READ_ONLY;
        }
        boolean right = io.sqe != 0 && io.data.count() <= limits.segments() && isAligned(io.data);
        return right ? Status.OK : Status.INVALID;
    }

    private int checkSpecially(BdevIo io, boolean hides) {
        if (isWritten(io) && (io.offsetBlocks % limits.unit() != 0 || io.blocks % limits.unit() != 0)) {
            return Status.INVALID;
        }
        boolean right = switch (io.type) {
            case COPY -> io.sourceBlock >= io.offsetBlocks + io.blocks || io.offsetBlocks >= io.sourceBlock + io.blocks;
            case COMPARE_AND_WRITE -> io.blocks <= limits.compareAndWriteBlocks() && io.compare != null
                && isDataRight(io, io.compare, hides);
            default -> true;
        };
        return right ? Status.OK : Status.INVALID;
    }

    private boolean isWritten(BdevIo io) {
        return io.type == IoType.WRITE || limits.most()[io.type.ordinal()] == 0;
    }

    /** Whether it reaches beyond the device; a COPY also where its source is. */
    public boolean isOutside(BdevIo io) {
        long offset = io.offsetBlocks;
        boolean outside = offset < 0 || io.blocks < 0 || offset > blocks || io.blocks > blocks - offset;
        return outside || io.type == IoType.COPY && isSourceOutside(io);
    }

    private boolean isSourceOutside(BdevIo io) {
        long source = io.sourceBlock;
        return source < 0 || source > blocks || io.blocks > blocks - source;
    }

    /** Memory that is not aligned can be bounced; a length that is not cannot. */
    private boolean isDataRight(BdevIo io, IoVector data, boolean hides) {
        int size = keepsMetadata && isHidden(io, hides) ? limits.dataBytes() : blockSize;
        return data.bytes() == io.blocks * size && (io.blocks * blockSize & alignmentMask) == 0;
    }

    private boolean isAligned(IoVector data) {
        if (alignmentMask == 0) {
            return true;
        }
        long bits = 0;
        for (int i = 0; i < data.count(); i++) {
            bits |= data.address(i) | data.length(i);
        }
        return (bits & alignmentMask) == 0;
    }

    /**
     * Whether the submitter's memory holds no metadata: it sees none, or the protection information is all of it and made
     * by the block layer.
     */
    public boolean isHidden(BdevIo io, boolean hides) {
        return keepsMetadata && (hides || io.protectionAction && limits.metadata().isProtectionAlone());
    }

    /** Whether the module cannot be given the submitter's memory as it is. */
    public boolean needsMemory(BdevIo io, boolean hides) {
        if (keepsMetadata && limits.isProtectedWithoutData(io)) {
            return true;
        }
        if (io.type == IoType.WRITE_ZEROES) {
            return limits.most()[io.type.ordinal()] == 0 && (keepsMetadata || limits.unit() > 1);
        }
        if (!io.type.hasData()) {
            return false;
        }
        boolean aligned = isAligned(io.data) && (io.type != IoType.COMPARE_AND_WRITE || isAligned(io.compare));
        return !aligned || keepsMetadata && (isHidden(io, hides) || limits.isProtectedByLayer(io));
    }
}
