package dev.karst.spec.scsi;

/** Byte 1 of the CDBs of commands on a range of blocks, as each reads it. */
public final class BlockFlags {
    /** WRITE SAME: NO DATA-OUT BUFFER. */
    public static final int NDOB = 1;
    /** VERIFY and WRITE AND VERIFY: BYTE CHECK, two bits. */
    public static final int BYTCHK_SHIFT = 1;
    public static final int BYTCHK_MASK = 3;
    /** PRE-FETCH and SYNCHRONIZE CACHE: answer at once. */
    public static final int IMMED = 2;
    /** READ and WRITE: FORCE UNIT ACCESS. */
    public static final int FUA = 8;
    /** WRITE SAME. */
    public static final int UNMAP = 8;
    /** READ, WRITE, VERIFY: DISABLE PAGE OUT. */
    public static final int DPO = 16;
    /** WRITE SAME and UNMAP. */
    public static final int ANCHOR = 16;

    private BlockFlags() {}
}
