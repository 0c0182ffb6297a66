package dev.karst.scsi.core.copy;

/** What one EXTENDED COPY may hold. */
final class CopyLimits {
    /** Most CSCD descriptors. */
    static final int TARGETS = 8;
    /** Most segment descriptors. */
    static final int SEGMENTS = 16;
    /** Most bytes of both. */
    static final int LIST_BYTES = TARGETS * CopyList.TARGET_BYTES + SEGMENTS * CopyList.SEGMENT_BYTES;

    private CopyLimits() {}
}
