package dev.karst.scsi.core.model;

/** What one EXTENDED COPY may hold. */
public final class CopyLimits {
    /** Bytes of a CSCD descriptor. */
    public static final int TARGET_BYTES = 32;
    /** Bytes of a segment descriptor from block device to block device. */
    public static final int SEGMENT_BYTES = 28;
    /** Most CSCD descriptors. */
    public static final int TARGETS = 8;
    /** Most segment descriptors. */
    public static final int SEGMENTS = 16;
    /** Most bytes of both. */
    public static final int LIST_BYTES = TARGETS * TARGET_BYTES + SEGMENTS * SEGMENT_BYTES;
    /** A type of CSCD descriptor: an identification descriptor. */
    public static final int IDENTIFICATION = 0xe4;
    /** A type of segment descriptor: from block device to block device. */
    public static final int BLOCK_TO_BLOCK = 0x02;
    /** How many copies there may be at once. */
    public static final int CONCURRENT = 255;

    private CopyLimits() {}
}
