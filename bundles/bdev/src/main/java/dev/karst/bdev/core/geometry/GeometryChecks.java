package dev.karst.bdev.core.geometry;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.IoType;
import dev.karst.bdev.Metadata;
import dev.karst.bdev.core.bounce.BounceBuffers;
import dev.karst.bdev.core.shape.Capabilities;
import dev.karst.bdev.module.Geometry;
import dev.karst.bdev.module.ModuleBdev;
import java.nio.charset.StandardCharsets;

/** Which geometries there can be, and which may follow another under I/O that waits. */
public final class GeometryChecks {
    public static final int MAX_NAME_BYTES = 255;
    public static final int MAX_ALIASES = 16;
    private static final int MIN_BLOCK = 512;
    private static final int MAX_BLOCK = 65536;
    private static final int MAX_ALIGNMENT = 4096;
    private static final int MAX_METADATA = 256;

    private GeometryChecks() {}

    /** @throws StorageException EINVAL or ENAMETOOLONG, saying what is wrong with it */
    public static void check(ModuleBdev bdev) throws StorageException {
        Geometry geometry = bdev.geometry();
        checkName("name", geometry.name());
        require(geometry.aliases().size() <= MAX_ALIASES, geometry, "has more than " + MAX_ALIASES + " aliases");
        for (String alias : geometry.aliases()) {
            checkName("alias", alias);
        }
        require(geometry.uuid() != null, geometry, "has no UUID");
        checkSizes(geometry);
        checkLimits(geometry);
        checkMetadata(geometry);
        checkCuts(geometry);
        boolean flushes = !geometry.volatileCache() || bdev.supports(IoType.FLUSH);
        require(flushes, geometry, "has a volatile cache and no FLUSH");
        checkCompareAndWrite(bdev, geometry);
    }

    private static void checkMetadata(Geometry geometry) throws StorageException {
        Metadata metadata = geometry.metadata();
        int bytes = metadata.bytes();
        require(bytes >= 0 && bytes <= MAX_METADATA, geometry, "keeps " + bytes + " bytes of metadata with each block; "
            + MAX_METADATA + " is the most");
        boolean right = metadata.protection() >= 0 && metadata.protection() <= 3
            && (metadata.protection() == 0 || bytes >= metadata.layout().bytes);
        require(right, geometry, "has protection of type " + metadata.protection() + " in " + bytes
            + " bytes of metadata; types are 1 to 3, and need " + metadata.layout().bytes);
    }

    private static void checkCuts(Geometry geometry) throws StorageException {
        long boundary = geometry.limits().boundaryBlocks();
        int unit = geometry.limits().writeUnitBlocks();
        long step = Math.max(1, geometry.limits().memoryAlignment() / geometry.blockSize());
        boolean unitFits = unit >= 1 && (long) unit * geometry.blockSize() <= BounceBuffers.LARGE_BYTES / 2;
        require(unitFits, geometry, "is written in units of " + unit + " blocks; at least 1, and up to "
            + BounceBuffers.LARGE_BYTES / 2 + " bytes");
        long most = geometry.limits().maxTransferBlocks();
        require(most == 0 || most >= unit * step, geometry, "moves at most " + most + " blocks, and writes in units of " + unit);
        boolean boundaryFits = boundary >= 0 && Long.bitCount(boundary) <= 1 && boundary % (unit * step) == 0;
        require(boundaryFits, geometry, "has a boundary every " + boundary
            + " blocks, not a power of two and a multiple of what it is written in");
    }

    private static void checkCompareAndWrite(ModuleBdev bdev, Geometry geometry) throws StorageException {
        long blocks = bdev.compareAndWriteBlocks();
        long perBlock = geometry.blockSize() + geometry.metadata().bytes();
        boolean right = blocks >= 1 && blocks * perBlock <= BounceBuffers.LARGE_BYTES;
        require(right, geometry, "compares and writes " + blocks + " blocks; at least 1, and up to "
            + BounceBuffers.LARGE_BYTES + " bytes");
    }

    private static void checkName(String what, String name) throws StorageException {
        if (name == null || name.isEmpty()) {
            throw StorageException.failure(Errno.EINVAL, "a block device's " + what + " is empty");
        }
        if (name.chars().anyMatch(Character::isISOControl)) {
            throw StorageException.failure(Errno.EINVAL, "a block device's " + what + " holds a control character");
        }
        int bytes = name.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MAX_NAME_BYTES) {
            String found = what + " of " + bytes + " bytes, and " + MAX_NAME_BYTES + " is the most";
            throw StorageException.failure(Errno.ENAMETOOLONG, "a block device's " + found);
        }
    }

    private static void checkSizes(Geometry geometry) throws StorageException {
        boolean interleaved = geometry.metadata().interleaved();
        int size = interleaved ? geometry.blockSize() - geometry.metadata().bytes() : geometry.blockSize();
        boolean right = size >= MIN_BLOCK && size <= MAX_BLOCK && Integer.bitCount(size) == 1;
        require(right, geometry, "has blocks of " + size + " bytes of data, not a power of two from 512 to 65536");
        int physical = geometry.physicalBlockSize();
        int whole = geometry.blockSize();
        require(physical >= size && (physical % size == 0 || physical % whole == 0), geometry,
            "has physical blocks of " + physical + " bytes, not a multiple of the block size " + whole);
        require(geometry.blocks() > 0 && geometry.blocks() <= Long.MAX_VALUE / whole, geometry,
            "has " + geometry.blocks() + " blocks; at least 1, and in all less than 2^63 bytes");
    }

    private static void checkLimits(Geometry geometry) throws StorageException {
        boolean positive = geometry.limits().maxTransferBlocks() >= 0 && geometry.limits().maxSegments() >= 0
            && geometry.limits().maxUnmapBlocks() >= 0;
        require(positive, geometry, "has a negative limit");
        int alignment = geometry.limits().memoryAlignment();
        boolean right = alignment >= 1 && alignment <= MAX_ALIGNMENT && Integer.bitCount(alignment) == 1;
        require(right, geometry, "needs memory aligned to " + alignment + ", not a power of two up to 4096");
        long unit = Math.max(geometry.blockSize(), alignment) / geometry.blockSize();
        require(geometry.limits().maxTransferBlocks() == 0 || geometry.limits().maxTransferBlocks() >= unit, geometry,
            "moves at most " + geometry.limits().maxTransferBlocks() + " blocks, less than its memory alignment of "
                + alignment);
    }

    private static void require(boolean right, Geometry geometry, String what) throws StorageException {
        if (!right) {
            throw StorageException.failure(Errno.EINVAL, "the block device " + geometry.name() + " " + what);
        }
    }

    /**
     * Holds a device against the parked one that it is to replace: all that its owners were told, and all that the I/O
     * which waits was checked against, must still be true.
     *
     * @param old of the parked one
     * @param does what that one does
     * @param compareAndWriteBlocks of that one
     * @throws StorageException EINVAL, saying what differs
     */
    public static void checkSuccessor(Geometry old, Capabilities does, int compareAndWriteBlocks, ModuleBdev next)
        throws StorageException {
        Geometry now = next.geometry();
        same("UUID", old.uuid(), now.uuid(), old);
        same("block size", old.blockSize(), now.blockSize(), old);
        same("metadata", old.metadata(), now.metadata(), old);
        same("write unit", old.limits().writeUnitBlocks(), now.limits().writeUnitBlocks(), old);
        atLeast("blocks between boundaries", unlimited(old.limits().boundaryBlocks()),
            unlimited(now.limits().boundaryBlocks()), old);
        same("aliases", old.aliases(), now.aliases(), old);
        atLeast("blocks", old.blocks(), now.blocks(), old);
        atLeast("blocks in a transfer", unlimited(old.limits().maxTransferBlocks()), unlimited(now.limits().maxTransferBlocks()), old);
        atLeast("segments", unlimited(old.limits().maxSegments()), unlimited(now.limits().maxSegments()), old);
        atLeast("blocks in an unmap", unlimited(old.limits().maxUnmapBlocks()), unlimited(now.limits().maxUnmapBlocks()), old);
        atLeast("blocks in a copy", unlimited(old.limits().maxCopyBlocks()), unlimited(now.limits().maxCopyBlocks()), old);
        atLeast("blocks in a compare-and-write", compareAndWriteBlocks, next.compareAndWriteBlocks(), old);
        atLeast("fineness of memory", -old.limits().memoryAlignment(), -now.limits().memoryAlignment(), old);
        checkQualities(old, does, next);
    }

    private static void checkQualities(Geometry old, Capabilities does, ModuleBdev next) throws StorageException {
        Geometry now = next.geometry();
        differs(now.readOnly() && !old.readOnly(), old, "is read-only now");
        differs(now.volatileCache() && !old.volatileCache(), old, "has a volatile cache now");
        differs(old.unmapReadsZeroes() && !now.unmapReadsZeroes(), old, "no longer reads zeros where it was unmapped");
        for (IoType type : IoType.values()) {
            boolean lost = does.accepts(type) && !Capabilities.accepts(next, type);
            differs(lost, old, "no longer does " + type);
        }
    }

    private static long unlimited(long limit) {
        return limit == 0 ? Long.MAX_VALUE : limit;
    }

    private static void same(String what, Object old, Object now, Geometry geometry) throws StorageException {
        differs(!old.equals(now), geometry, "had the " + what + " " + old + " and would have " + now);
    }

    private static void atLeast(String what, long old, long now, Geometry geometry) throws StorageException {
        differs(now < old, geometry, "would have less " + what + " than before, " + now + " and not " + old);
    }

    private static void differs(boolean does, Geometry geometry, String how) throws StorageException {
        if (does) {
            throw StorageException.failure(Errno.EINVAL, "the block device " + geometry.name() + " " + how);
        }
    }
}
