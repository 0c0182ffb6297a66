package dev.karst.bdev.core.protection;

import static dev.karst.bdev.Protection.applicationTagAt;
import static dev.karst.bdev.Protection.generate;
import static dev.karst.bdev.Protection.guard;
import static dev.karst.bdev.Protection.guardAt;
import static dev.karst.bdev.Protection.isEscaped;
import static dev.karst.bdev.Protection.offset;
import static dev.karst.bdev.Protection.referenceTagAt;

import dev.karst.base.Status;
import dev.karst.bdev.Metadata;

/** Makes and checks the protection information of one format, in blocks that lie one behind the other. */
public final class Protection {
    private final Metadata metadata;
    private final int dataBytes;

    /** Of blocks of that size, metadata that is interleaved included. */
    public Protection(Metadata metadata, int blockSize) {
        this.metadata = metadata;
        this.dataBytes = metadata.interleaved() ? blockSize - metadata.bytes() : blockSize;
    }

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
            dev.karst.bdev.Protection.move(metadata, metadata(data, apart, i), (int) (first + i));
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
