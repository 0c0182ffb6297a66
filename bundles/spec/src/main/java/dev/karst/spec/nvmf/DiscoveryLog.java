package dev.karst.spec.nvmf;

import dev.karst.base.Struct;

/** Head of the discovery log page, LID 70h: 1024 bytes; {@link DiscoveryEntry} follow. NVMe Base 2.1, 5.1.12.3.1. */
public final class DiscoveryLog extends Struct {
    public static final int BYTES = 1024;

    /** Generation counter. */
    public static final U64le GENCTR = u64le(0);
    /** Number of records. */
    public static final U64le NUMREC = u64le(8);
    /** Record format: 0. */
    public static final U16le RECFMT = u16le(16);
    /** Reserved, and fields not named here. */
    public static final Bytes RSVD18 = bytes(18, 1006);
}
