package dev.karst.nvme;

import java.util.UUID;

/**
 * A namespace as its controller describes it. NVMe Base 2.1, 5.1.13.2; NVM Command Set 1.1, 4.1.5.
 *
 * @param nsid its number
 * @param blocks NSZE
 * @param format how its blocks look
 * @param ids what tells it from others
 * @param limits what commands on it are held to
 * @param zones how it is zoned; null when it is not
 * @param ana the state of its ANA group here; OPTIMIZED where nothing is reported
 * @param anaGroup ANAGRPID
 */
public record NvmeNamespace(
    int nsid, long blocks, Format format, Ids ids, Limits limits, Zones zones, AnaState ana, long anaGroup) {
    /** The same with this format. */
    public NvmeNamespace with(Format format) {
        return new NvmeNamespace(nsid, blocks, format, ids, limits, zones, ana, anaGroup);
    }

    /** The same with these zones. */
    public NvmeNamespace zoned(Zones zones) {
        return new NvmeNamespace(nsid, blocks, format, ids, limits, zones, ana, anaGroup);
    }

    /** The same in this state of its ANA group. */
    public NvmeNamespace reached(AnaState ana) {
        return new NvmeNamespace(nsid, blocks, format, ids, limits, zones, ana, anaGroup);
    }

    /**
     * How its blocks look.
     *
     * @param blockSize bytes of data
     * @param metadataBytes bytes of metadata with each block
     * @param extended whether they follow the data in the same buffer, rather than lie in one of their own
     * @param protection protection information type, 0 for none
     * @param protectionFirst whether it comes first in the metadata, rather than last
     * @param guardBits 16, 32 or 64
     */
    public record Format(
        int blockSize, int metadataBytes, boolean extended, int protection, boolean protectionFirst, int guardBits) {
        /** Bytes of a block in a data buffer. */
        public int bufferBytes() {
            return blockSize + (extended ? metadataBytes : 0);
        }
    }

    /**
     * What tells it from others.
     *
     * @param uuid UUID, or null
     * @param nguid NGUID in hexadecimal; empty for none
     * @param eui64 EUI64 in hexadecimal; empty for none
     * @param commandSet CSI: 0 NVM, 2 zoned
     */
    public record Ids(UUID uuid, String nguid, String eui64, int commandSet) {}

    /**
     * What commands on it are held to.
     *
     * @param maxTransferBlocks most blocks of a command with data
     * @param zeroesBlocks WZSL: most blocks of a Write Zeroes; {@link Long#MAX_VALUE} for any number
     * @param deallocateBlocks DMRSL: most blocks of a range of a Dataset Management, likewise
     * @param boundaryBlocks NOIOB: what READ and WRITE had better not cross; 0 for none
     * @param writeUnitBlocks NPWG, or 1
     * @param deallocatedReadsZeroes whether deallocated blocks read as zeros
     * @param copyRangeBlocks MSSRL; 0 where Copy is not known
     * @param copyBlocks MCL
     * @param copyRanges MSRC, counted from 1
     * @param shared NMIC bit 0: other controllers may have it too
     * @param writeProtected NSATTR bit 0
     * @param reservations RESCAP
     */
    public record Limits(
        int maxTransferBlocks, long zeroesBlocks, long deallocateBlocks, int boundaryBlocks, int writeUnitBlocks,
        boolean deallocatedReadsZeroes, int copyRangeBlocks, long copyBlocks, int copyRanges, boolean shared, boolean writeProtected,
        int reservations) {}

    /**
     * How it is zoned. Zoned Namespace Command Set 1.1, 4.1.5.
     *
     * @param zoneBlocks ZSZE: from one zone's start to the next
     * @param maxOpen MOR, counted from 1; 0 for no limit
     * @param maxActive MAR, likewise
     * @param maxAppendBlocks most blocks of a Zone Append
     */
    public record Zones(long zoneBlocks, long maxOpen, long maxActive, int maxAppendBlocks) {}
}
