package dev.karst.spec.nvme.log;

import dev.karst.base.Struct;

/**
 * Head of the Asymmetric Namespace Access log page, LID 0Ch: 16 bytes; an {@link AnaGroupDescriptor} follows for each
 * group. NVMe Base 2.1, 5.1.12.1.13.
 */
public final class AnaLog extends Struct {
    public static final int BYTES = 16;

    /** Change count. */
    public static final U64le CHGCNT = u64le(0);
    /** Number of ANA group descriptors. */
    public static final U16le NAGD = u16le(8);
    /** Reserved. */
    public static final Bytes RSVD10 = bytes(10, 6);

    /** LSP of the command: return groups only. */
    public static final int LSP_GROUPS_ONLY = 1;
}
