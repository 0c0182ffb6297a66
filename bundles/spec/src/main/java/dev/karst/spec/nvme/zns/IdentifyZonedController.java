package dev.karst.spec.nvme.zns;

import dev.karst.base.Struct;

/** I/O command set specific Identify Controller data structure: 4096 bytes. Zoned Namespace Command Set 1.1, 4.1.5.2. */
public final class IdentifyZonedController extends Struct {
    public static final int BYTES = 4096;

    /** Zone append size limit, a power of two of CAP.MPSMIN; 0 for that of MDTS. */
    public static final U8 ZASL = u8(0);
    /** Reserved. */
    public static final Bytes RSVD1 = bytes(1, 4095);
}
