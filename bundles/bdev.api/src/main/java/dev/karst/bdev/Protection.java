package dev.karst.bdev;

import dev.karst.base.ReactorConfined;
import dev.karst.base.Status;

/**
 * Protection information of blocks that each lie in one piece: made and checked. NVM Command Set 1.1, 5.3. {@link
 * ProtectionLayout} says how it looks.
 */
@ReactorConfined
public final class Protection {
    /** The application tag that switches the checks of a block off. */
    public static final int ESCAPE = 0xffff;
    /** The reference tag that does so together with {@link #ESCAPE} where the type is 3: all bits of it. */
    public static final long REFERENCE_ESCAPE = -1;

    private final Metadata metadata;
    private final int dataBytes;

    /** That of blocks of that size, which includes metadata that is interleaved. */
    public Protection(Metadata metadata, int blockSize) {
        this.metadata = metadata;
        this.dataBytes = metadata.interleaved() ? blockSize - metadata.bytes() : blockSize;
    }

    /** Where in a block's metadata it lies. */
    public static int offset(Metadata format) {
        return format.atStart() ? 0 : format.bytes() - format.layout().bytes;
    }

    /** The CRC over the data and over the metadata before the protection information. */
    public static long guard(Metadata format, long data, int dataBytes, long metadata) {
        return format.layout().guard(data, dataBytes, metadata, offset(format));
    }

    /** Makes the protection information of one block, which belongs at {@code referenceTag}. */
    public static void generate(
        Metadata format, long data, int dataBytes, long metadata, int applicationTag, long referenceTag) {
        long guard = guard(format, data, dataBytes, metadata);
        format.layout().write(metadata + offset(format), guard, applicationTag, referenceTag);
    }

    /** Gives the block another place: its reference tag, unless its checks are off or its type has none. */
    public static void move(Metadata format, long metadata, long referenceTag) {
        long at = metadata + offset(format);
        if (format.protection() != 3 && format.layout().applicationTagAt(at) != ESCAPE) {
            format.layout().setReferenceTag(at, referenceTag);
        }
    }

    /** Whether the checks of the block are switched off by what it holds. */
    public static boolean isEscaped(Metadata format, long metadata) {
        ProtectionLayout layout = format.layout();
        long at = metadata + offset(format);
        return layout.applicationTagAt(at) == ESCAPE
            && (format.protection() != 3 || layout.referenceTagAt(at) == layout.referenceMask);
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
            long reference = metadata.protection() == 3 ? 0 : first + i;
            generate(metadata, data(data, i), dataBytes, metadata(data, apart, i), applicationTag, reference);
        }
    }

    /** Gives copied blocks the reference tags of their new place. */
    public void move(long data, long apart, long blocks, long first) {
        for (long i = 0; i < blocks; i++) {
            move(metadata, metadata(data, apart, i), first + i);
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
            int status = check(data(data, i), metadata(data, apart, i), first + i, checks, application);
            if (status != Status.OK) {
                return status;
            }
        }
        return Status.OK;
    }

    private int check(long data, long meta, long block, int checks, int application) {
        ProtectionLayout layout = metadata.layout();
        long at = meta + offset(metadata);
        if (isEscaped(metadata, meta)) {
            return Status.OK;
        }
        if ((checks & Metadata.GUARD) != 0 && layout.guardAt(at) != guard(metadata, data, dataBytes, meta)) {
            return Status.GUARD_CHECK;
        }
        boolean other = ((layout.applicationTagAt(at) ^ application) & application >>> 16) != 0;
        if ((checks & Metadata.APPLICATION_TAG) != 0 && other) {
            return Status.APPLICATION_TAG_CHECK;
        }
        boolean placed = (checks & Metadata.REFERENCE_TAG) != 0 && metadata.protection() != 3;
        boolean elsewhere = placed && layout.referenceTagAt(at) != (block & layout.referenceMask);
        return elsewhere ? Status.REFERENCE_TAG_CHECK : Status.OK;
    }
}
