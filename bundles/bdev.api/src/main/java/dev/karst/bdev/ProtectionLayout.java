package dev.karst.bdev;

import dev.karst.base.Crc16;
import dev.karst.base.Mem;
import dev.karst.base.ReactorConfined;
import dev.karst.base.ReflectedCrc;

/**
 * How protection information lies in a block's metadata, told apart by the size of the guard; big endian. NVM Command Set
 * 1.1, 5.3.1. The number of each is its Protection Information Format (PIF), and SPDK's {@code dif_pi_format}.
 *
 * <pre>
 *            0       2       4       6       8      10              16
 *            +-------+-------+---------------+
 *  GUARD_16  | guard | app.  | reference tag |
 *            +-------+-------+-------+-------+-----------------------+
 *  GUARD_32  |     guard     | app.  |storage|     reference tag     |
 *            +---------------+-------+-------+-------+---------------+
 *  GUARD_64  |             guard             | app.  | reference tag |
 *            +-------------------------------+-------+---------------+
 * </pre>
 *
 * The storage tag of {@link #GUARD_32} is the shortest that there may be, made 0 and never checked; the others have none.
 */
@ReactorConfined
public enum ProtectionLayout {
    /** T10's: CRC-16 and 32 bits of reference tag. */
    GUARD_16(8, 0, 32),
    /** CRC-32C and 64 bits of reference tag. */
    GUARD_32(16, 16, 64),
    /** CRC-64/NVME and 48 bits of reference tag. */
    GUARD_64(16, 0, 48);

    private static final int SHORT_MASK = 0xffff;

    /** Bytes of protection information. */
    public final int bytes;
    /** Bits of storage tag. */
    public final int storageBits;
    /** The bits of a block's number that its reference tag has. */
    public final long referenceMask;

    ProtectionLayout(int bytes, int storageBits, int referenceBits) {
        this.bytes = bytes;
        this.storageBits = storageBits;
        referenceMask = -1L >>> Long.SIZE - referenceBits;
    }

    /** The guard of a block: the CRC over its data, and over what of its metadata comes before. */
    public long guard(long data, int dataBytes, long metadata, int metadataBytes) {
        return switch (this) {
            case GUARD_16 -> Crc16.update(Crc16.update(0, data, dataBytes), metadata, metadataBytes);
            case GUARD_32 -> guard(ReflectedCrc.CRC_32C, data, dataBytes, metadata, metadataBytes);
            case GUARD_64 -> guard(ReflectedCrc.CRC_64_NVME, data, dataBytes, metadata, metadataBytes);
        };
    }

    private static long guard(ReflectedCrc crc, long data, int dataBytes, long metadata, int metadataBytes) {
        return crc.update(crc.update(0, data, dataBytes), metadata, metadataBytes);
    }

    /** The guard of so many zeros. */
    public long guardOfZeros(int length) {
        return switch (this) {
            case GUARD_16 -> 0;
            case GUARD_32 -> ReflectedCrc.CRC_32C.ofZeros(length);
            case GUARD_64 -> ReflectedCrc.CRC_64_NVME.ofZeros(length);
        };
    }

    /** The first eight bytes, as one figure that is big endian in memory. */
    public long first(long guard, int applicationTag, long referenceTag) {
        long application = applicationTag & SHORT_MASK;
        return switch (this) {
            case GUARD_16 -> guard << 48 | application << 32 | referenceTag & referenceMask;
            case GUARD_32 -> guard << 32 | application << 16;
            case GUARD_64 -> guard;
        };
    }

    /** The other eight bytes, where there are so many. */
    public long second(int applicationTag, long referenceTag) {
        long application = this == GUARD_64 ? (long) (applicationTag & SHORT_MASK) << 48 : 0;
        return application | referenceTag & referenceMask;
    }

    /** Writes the fields to {@code address}. */
    public void write(long address, long guard, int applicationTag, long referenceTag) {
        Mem.setLong(address, Long.reverseBytes(first(guard, applicationTag, referenceTag)));
        if (this != GUARD_16) {
            Mem.setLong(address + Long.BYTES, Long.reverseBytes(second(applicationTag, referenceTag)));
        }
    }

    /** The guard of the protection information at {@code address}. */
    public long guardAt(long address) {
        long word = Long.reverseBytes(Mem.getLong(address));
        return switch (this) {
            case GUARD_16 -> word >>> 48;
            case GUARD_32 -> word >>> 32;
            case GUARD_64 -> word;
        };
    }

    /** The application tag of the protection information at {@code address}. */
    public int applicationTagAt(long address) {
        int place = switch (this) {
            case GUARD_16 -> 2;
            case GUARD_32 -> 4;
            case GUARD_64 -> 8;
        };
        return Short.reverseBytes(Mem.getShort(address + place)) & SHORT_MASK;
    }

    /** The reference tag of the protection information at {@code address}. */
    public long referenceTagAt(long address) {
        return Long.reverseBytes(Mem.getLong(address + bytes - Long.BYTES)) & referenceMask;
    }

    /** Gives it another reference tag. */
    public void setReferenceTag(long address, long referenceTag) {
        long at = address + bytes - Long.BYTES;
        long others = Long.reverseBytes(Mem.getLong(at)) & ~referenceMask;
        Mem.setLong(at, Long.reverseBytes(others | referenceTag & referenceMask));
    }
}
