package dev.karst.bdev;

import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * A block device as it is listed; a snapshot's worth of facts that stay while it lives, and a few that change. Any
 * thread.
 */
public interface Bdev {
    /** Where a block device stands. */
    enum State {
        REGISTERING,
        ONLINE,
        /** New I/O waits or fails; what is in flight runs out. */
        DRAINING,
        /** Its module is being replaced; new I/O waits. */
        PARKED,
        ATTACHING,
        REMOVING
    }

    String name();

    List<String> aliases();

    UUID uuid();

    /** What people call this kind, such as {@code Malloc disk}. */
    String productName();

    /** The module that it comes from. */
    String moduleName();

    State state();

    /** Bytes in a block, with metadata that is interleaved; without, a power of two from 512. */
    int blockSize();

    /** Bytes of data in a block; a power of two from 512. */
    default int dataBlockSize() {
        return metadata().interleaved() ? blockSize() - metadata().bytes() : blockSize();
    }

    /** What it keeps with each block. */
    default Metadata metadata() {
        return Metadata.NONE;
    }

    /** I/O that crosses no multiple of so many blocks is done best; 0 for no boundary. */
    default long optimalBoundaryBlocks() {
        return 0;
    }

    /** Blocks that a WRITE must be a multiple of, in place and size. */
    default int writeUnitBlocks() {
        return 1;
    }

    /** The most blocks of a COMPARE_AND_WRITE, which is one step to all others. */
    default int compareAndWriteBlocks() {
        return 1;
    }

    /** Bytes that the device writes at once; a multiple of the block size. */
    int physicalBlockSize();

    /** Number of blocks now. */
    long blocks();

    /** What addresses and lengths of the data must be multiples of; a power of two. */
    default int memoryAlignment() {
        return 1;
    }

    /** Whether nothing can be written. */
    boolean readOnly();

    /** Whether writes may be lost until a FLUSH. */
    boolean hasVolatileCache();

    boolean unmapReadsZeroes();

    /** Whether it does this type, itself or by emulation. */
    boolean supports(IoType type);

    /** The names of those who have claimed it, or null. */
    String claimedBy();

    /** How it is claimed, or null. */
    default Claim.Type claimType() {
        return null;
    }

    /** What its kind says of itself, as plain values for SPDK's {@code driver_specific}. */
    Map<String, Object> driverSpecific();

    /** The names of the devices that it stands on, as its module says; those that these stand on are left out. */
    default List<String> standsOn() {
        return List.of();
    }

    /** I/O done so far by all reactors. */
    BdevStatistics statistics();
}
