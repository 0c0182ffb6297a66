package dev.karst.bdev.core.shape;

import dev.karst.bdev.BdevIo;
import dev.karst.bdev.IoType;
import dev.karst.bdev.Metadata;
import dev.karst.bdev.Protection;
import dev.karst.bdev.module.Geometry;
import dev.karst.bdev.module.ModuleBdev;

/** What one module's device can be given: which types, and how large one I/O of each may be. Never changes. */
public final class IoLimits {
    private static final int TYPES = IoType.values().length;

    private final int blockSize;
    private final int alignment;
    private final int segments;
    private final int compareAndWriteBlocks;
    private final long boundary;
    private final int unit;
    /** By type: the most blocks that the module takes; 0 for a type that it does not do. */
    private final long[] most = new long[TYPES];
    private int accepted;
    private final Metadata metadata;
    private final Protection protection;
    private final boolean checks;

    /** As the module says now. */
    public IoLimits(ModuleBdev module) {
        Geometry geometry = module.geometry();
        blockSize = geometry.blockSize();
        alignment = geometry.limits().memoryAlignment();
        segments = geometry.limits().maxSegments() == 0 ? BdevIo.MAX_SEGMENTS : geometry.limits().maxSegments();
        compareAndWriteBlocks = module.compareAndWriteBlocks();
        boundary = geometry.limits().boundaryBlocks();
        unit = geometry.limits().writeUnitBlocks();
        metadata = geometry.metadata();
        protection = new Protection(metadata, blockSize);
        checks = protection.isThere() && metadata.checks() != 0 && !module.checksProtection();
        for (IoType type : IoType.values()) {
            if (module.supports(type) || type == IoType.READ) {
                most[type.ordinal()] = limit(geometry.limits(), type);
            }
            if (Capabilities.accepts(module, type)) {
                accepted |= 1 << type.ordinal();
            }
        }
    }

    private long limit(Geometry.Limits limits, IoType type) {
        long limit = switch (type) {
            case READ, WRITE, COMPARE, COMPARE_AND_WRITE -> limits.maxTransferBlocks();
            case UNMAP, WRITE_ZEROES -> limits.maxUnmapBlocks();
            case COPY -> limits.maxCopyBlocks();
            default -> 0;
        };
        long step = step(type);
        return limit == 0 ? Long.MAX_VALUE / blockSize / step * step : limit - limit % step;
    }

    /** Blocks that a part of this type must be a multiple of. */
    private long step(IoType type) {
        long step = type.hasData() ? Math.max(1, alignment / blockSize) : 1;
        return type == IoType.WRITE && step % unit != 0 ? step * unit : step;
    }

    /** One bit for each type that is taken. */
    public int accepted() {
        return accepted;
    }

    public int blockSize() {
        return blockSize;
    }

    /** What addresses and lengths of the data must be multiples of. */
    public int alignment() {
        return alignment;
    }

    /** The most memory pairs of an I/O with data. */
    public int segments() {
        return segments;
    }

    /** The most blocks of a COMPARE_AND_WRITE. */
    public int compareAndWriteBlocks() {
        return compareAndWriteBlocks;
    }

    /** By type: the most blocks that the module takes; 0 for a type that it does not do. */
    public long[] most() {
        return most;
    }

    /** Whether the block layer does this type by reads and writes. */
    public boolean isEmulated(IoType type) {
        return most[type.ordinal()] == 0 && switch (type) {
            case COMPARE, COMPARE_AND_WRITE, COPY, VERIFY -> true;
            default -> false;
        };
    }

    /** What the device keeps with each block. */
    public Metadata metadata() {
        return metadata;
    }

    /** How its protection information is made. */
    public Protection protection() {
        return protection;
    }

    /** Bytes of data in a block. */
    public int dataBytes() {
        return metadata.interleaved() ? blockSize - metadata.bytes() : blockSize;
    }

    /** Bytes of memory that a block takes in a buffer, its metadata included. */
    public int bufferBytes() {
        return metadata.interleaved() ? blockSize : blockSize + metadata.bytes();
    }

    /** Whether the block layer makes or checks the protection information of that I/O. */
    public boolean isProtectedByLayer(BdevIo io) {
        boolean made = protection.isThere() && (io.protectionAction || !metadata.interleaved() && io.metadata == 0);
        return made || checks(io) != 0;
    }

    /** Which checks of the I/O's protection information are left to the block layer; that of its tag if one is given. */
    public int checks(BdevIo io) {
        int told = io.applicationTagMask != 0 ? Metadata.APPLICATION_TAG : 0;
        return checks ? (metadata.checks() | told) & ~io.uncheckedProtection : 0;
    }

    /** Whether more is wanted of an I/O without data than a module does, which neither checks nor chooses tags. */
    public boolean isProtectedWithoutData(BdevIo io) {
        return switch (io.type) {
            case COPY, VERIFY -> checks(io) != 0 || io.protectionAction && protection.isThere();
            case WRITE_ZEROES -> io.protectionAction && protection.isThere();
            default -> false;
        };
    }

    /** Whether there is more to look at than type, length and pairs of memory. */
    public boolean isParticular() {
        return alignment > 1 || boundary > 0 || unit > 1 || metadata.bytes() > 0;
    }

    /** Bytes that the memory of one part must be a multiple of. */
    public long granule(IoType type) {
        return type == IoType.WRITE ? (long) unit * blockSize : blockSize;
    }

    /** Blocks that a WRITE must be a multiple of. */
    public int unit() {
        return unit;
    }

    /** Whether a READ or WRITE reaches over a boundary. */
    public boolean crosses(BdevIo io) {
        return boundary > 0 && (io.offsetBlocks & -boundary) != (io.offsetBlocks + io.blocks - 1 & -boundary);
    }

    /** How many of {@code left} blocks at {@code first} the module takes in one I/O of that type. */
    public long piece(IoType type, long first, long left) {
        long piece = Math.min(left, most[type.ordinal()]);
        if (boundary > 0 && (type == IoType.READ || type == IoType.WRITE)) {
            piece = Math.min(piece, boundary - (first & boundary - 1));
        }
        return type == IoType.WRITE ? piece - piece % unit : piece;
    }

    /** How many blocks of a write of {@code blocks} are done at a time, when {@code room} is there: whole write units. */
    public long whole(IoType type, long room) {
        long step = step(type);
        return room - room % step;
    }
}
