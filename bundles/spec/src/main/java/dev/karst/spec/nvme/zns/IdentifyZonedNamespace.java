package dev.karst.spec.nvme.zns;

import dev.karst.base.Struct;

/** I/O command set specific Identify Namespace data structure: 4096 bytes. Zoned Namespace Command Set 1.1, 4.1.5.1. */
public final class IdentifyZonedNamespace extends Struct {
    public static final int BYTES = 4096;

    /** Zone operation characteristics. */
    public static final U16le ZOC = u16le(0);
    /** Optional zoned command support. */
    public static final U16le OZCS = u16le(2);
    /** Maximum active resources, less one; all ones for no limit. */
    public static final U32le MAR = u32le(4);
    /** Maximum open resources, less one; all ones for no limit. */
    public static final U32le MOR = u32le(8);
    /** Reset recommended limit. */
    public static final U32le RRL = u32le(12);
    /** Finish recommended limit. */
    public static final U32le FRL = u32le(16);
    /** Further recommended limits, and the zone random write area. */
    public static final Bytes LIMITS = bytes(20, 33);
    /** Reserved. */
    public static final Bytes RSVD53 = bytes(53, 2763);
    /** LBA format extension 0: zone size, blocks. */
    public static final U64le LBAFE0_ZSZE = u64le(2816);
    /** LBA format extension 0: zone descriptor extension size, 64 bytes. */
    public static final U8 LBAFE0_ZDES = u8(2824);
    /** Reserved. */
    public static final Bytes RSVD2825 = bytes(2825, 7);
    /** LBA format extensions 1 to 63, of {@link #LBAFE_BYTES}. */
    public static final Bytes LBAFE = bytes(2832, 1008);
    /** Vendor specific. */
    public static final Bytes VS = bytes(3840, 256);

    /** Bytes of an LBA format extension. */
    public static final int LBAFE_BYTES = 16;
}
