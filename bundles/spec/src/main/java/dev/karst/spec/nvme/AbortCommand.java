package dev.karst.spec.nvme;

import dev.karst.base.Struct;

/**
 * Abort command: 64 bytes. Dword 0 of the completion has bit 0 set when the command was not aborted. NVMe Base 2.1,
 * 5.1.1.
 */
public final class AbortCommand extends Struct {
    public static final int BYTES = 64;

    /** Command dwords 0 to 9, see {@link Sqe}. */
    public static final Bytes COMMON = bytes(0, 40);
    /** Submission queue identifier. */
    public static final U16le SQID = u16le(40);
    /** Command identifier. */
    public static final U16le CID = u16le(42);
    /** Reserved. */
    public static final Bytes RSVD44 = bytes(44, 20);
}
