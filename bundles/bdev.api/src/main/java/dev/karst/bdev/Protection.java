package dev.karst.bdev;

import dev.karst.base.Crc16;
import dev.karst.base.Mem;
import dev.karst.base.ReactorConfined;
import dev.karst.base.Status;

/**
 * T10 protection information with a guard of 16 bits, of one block that lies in one piece: made and checked. NVM Command
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

    private Protection() {}

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

    /**
     * Checks guard and reference tag of one block, as far as the format says that they are checked.
     *
     * @return {@link Status#OK}, {@link Status#GUARD_CHECK} or {@link Status#REFERENCE_TAG_CHECK}
     */
    public static int verify(Metadata format, long data, int dataBytes, long metadata, int referenceTag) {
        if (isEscaped(format, metadata)) {
            return Status.OK;
        }
        long at = metadata + offset(format);
        boolean guards = (format.checks() & Metadata.GUARD) != 0;
        if (guards && guardAt(at) != guard(format, data, dataBytes, metadata)) {
            return Status.GUARD_CHECK;
        }
        boolean places = (format.checks() & Metadata.REFERENCE_TAG) != 0;
        return places && referenceTagAt(at) != referenceTag ? Status.REFERENCE_TAG_CHECK : Status.OK;
    }
}
