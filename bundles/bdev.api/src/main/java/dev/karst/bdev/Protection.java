package dev.karst.bdev;

import dev.karst.base.Crc16;
import dev.karst.base.Mem;
import dev.karst.base.ReactorConfined;
import dev.karst.base.Status;

/**
 * T10 protection information with a guard of 16 bits, of blocks that each lie in one piece: made and checked. NVM Command
 * Set 1.1, 5.3.1.1, Figure "16b Guard Protection Information Format"; big endian.
 *
 * <pre>
 *  byte  0        2        4                8
 *        +--------+--------+----------------+
 *        | guard  | app tag|  reference tag |
 *        +--------+--------+----------------+
 * </pre>
 */
@ReactorConfined
public final class Protection {
    /** The application tag that switches the checks of a block off. */
    public static final int ESCAPE = 0xffff;
    /** The reference tag that does so together with {@link #ESCAPE} where the type is 3. */
    public static final int REFERENCE_ESCAPE = -1;

    /** Where the reference tag lies in it. */
    public static final int REFERENCE_TAG = 4;

    private static final int APPLICATION_TAG = 2;

    private final Metadata metadata;
    private final int dataBytes;

    /** That of blocks of that size, which includes metadata that is interleaved. */
    public Protection(Metadata metadata, int blockSize) {
        this.metadata = metadata;
        this.dataBytes = metadata.interleaved() ? blockSize - metadata.bytes() : blockSize;
    }

    /** Where in a block's metadata it lies. */
    public static int offset(Metadata format) {
        return format.atStart() ? 0 : format.bytes() - Metadata.PROTECTION_BYTES;
    }

    /** The CRC over the data and over the metadata before the protection information. */
    public static int guard(Metadata format, long data, int dataBytes, long metadata) {
        return Crc16.update(Crc16.update(0, data, dataBytes), metadata, offset(format));
    }

    /** Writes the three fields to {@code address}. */
    public static void write(long address, int guard, int applicationTag, int referenceTag) {
        long word = (long) guard << 48 | (applicationTag & 0xffffL) << 32 | referenceTag & 0xffff_ffffL;
        Mem.setLong(address, Long.reverseBytes(word));
    }

    /** Makes the protection information of one block, which belongs at {@code referenceTag}. */
    public static void generate(
        Metadata format, long data, int dataBytes, long metadata, int applicationTag, int referenceTag) {
        write(metadata + offset(format), guard(format, data, dataBytes, metadata), applicationTag, referenceTag);
    }

    /** The guard that lies at {@code address}. */
    public static int guardAt(long address) {
        return Short.reverseBytes(Mem.getShort(address)) & 0xffff;
    }

    /** The application tag of the protection information at {@code address}. */
    public static int applicationTagAt(long address) {
        return Short.reverseBytes(Mem.getShort(address + APPLICATION_TAG)) & 0xffff;
    }

    /** The reference tag of the protection information at {@code address}. */
    public static int referenceTagAt(long address) {
        return Integer.reverseBytes(Mem.getInt(address + REFERENCE_TAG));
    }

    /** Gives the block another place: its reference tag, unless its checks are off or its type has none. */
    public static void move(Metadata format, long metadata, int referenceTag) {
        long at = metadata + offset(format);
        if (format.protection() != 3 && applicationTagAt(at) != ESCAPE) {
            Mem.setInt(at + REFERENCE_TAG, Integer.reverseBytes(referenceTag));
        }
    }

    /** Whether the checks of the block are switched off by what it holds. */
    public static boolean isEscaped(Metadata format, long metadata) {
        long at = metadata + offset(format);
        return applicationTagAt(at) == ESCAPE
            && (format.protection() != 3 || referenceTagAt(at) == REFERENCE_ESCAPE);
    }

    // Of many blocks, one behind the other.

    /** Whether blocks have any. */
    public boolean isThere() {
        return metadata.protection() != 0;
    }

    /** Address of a block's data, among others from {@code data} on. */
    public long data(long data, long block) {
        return data + block * (metadata.interleaved() ? dataBytes + metadata.bytes() : dataBytes);
    }

    /** Address of a block's metadata; they lie from {@code apart} on where they are not interleaved. */
    public long metadata(long data, long apart, long block) {
        return metadata.interleaved() ? data(data, block) + dataBytes : apart + block * metadata.bytes();
    }

    /** Writes it into so many blocks, the first of which has the number {@code first}. */
    public void insert(long data, long apart, long blocks, long first, int applicationTag) {
        for (long i = 0; i < blocks; i++) {
            int reference = metadata.protection() == 3 ? 0 : (int) (first + i);
            generate(metadata, data(data, i), dataBytes, metadata(data, apart, i), applicationTag, reference);
        }
    }

    /** Gives copied blocks the reference tags of their new place. */
    public void move(long data, long apart, long blocks, long first) {
        for (long i = 0; i < blocks; i++) {
            move(metadata, metadata(data, apart, i), (int) (first + i));
        }
    }

    /**
     * Checks so many blocks, the first of which has the number {@code first}.
     *
     * @param checks of {@link Metadata#GUARD} and the others
     * @param application what the application tag must be, and above it, in bits 31:16, which of its bits
     * @return {@link Status#OK}, {@link Status#GUARD_CHECK}, {@link Status#APPLICATION_TAG_CHECK} or {@link
     *     Status#REFERENCE_TAG_CHECK}
     */
    public int check(long data, long apart, long blocks, long first, int checks, int application) {
        for (long i = 0; i < blocks; i++) {
            int status = check(data(data, i), metadata(data, apart, i), (int) (first + i), checks, application);
            if (status != Status.OK) {
                return status;
            }
        }
        return Status.OK;
    }

    private int check(long data, long meta, int reference, int checks, int application) {
        long at = meta + offset(metadata);
        if (isEscaped(metadata, meta)) {
            return Status.OK;
        }
        if ((checks & Metadata.GUARD) != 0 && guardAt(at) != guard(metadata, data, dataBytes, meta)) {
            return Status.GUARD_CHECK;
        }
        boolean other = ((applicationTagAt(at) ^ application) & application >>> 16) != 0;
        if ((checks & Metadata.APPLICATION_TAG) != 0 && other) {
            return Status.APPLICATION_TAG_CHECK;
        }
        boolean placed = (checks & Metadata.REFERENCE_TAG) != 0 && metadata.protection() != 3;
        return placed && referenceTagAt(at) != reference ? Status.REFERENCE_TAG_CHECK : Status.OK;
    }
}
