package dev.karst.spec.nvme.nvm;

import dev.karst.base.Struct;

/**
 * I/O command set specific Identify Controller data structure of the NVM command set, CNS 06h: 4096 bytes. NVM
 * Command Set 1.1, 4.1.5.4.
 */
public final class IdentifyNvmController extends Struct {
    public static final int BYTES = 4096;

    /** Verify size limit. */
    public static final U8 VSL = u8(0);
    /** Write Zeroes size limit, a power of two of CAP.MPSMIN; 0 for none. */
    public static final U8 WZSL = u8(1);
    /** Write Uncorrectable size limit. */
    public static final U8 WUSL = u8(2);
    /** Dataset Management ranges limit; 0 for none. */
    public static final U8 DMRL = u8(3);
    /** Dataset Management range size limit, logical blocks; 0 for none. */
    public static final U32le DMRSL = u32le(4);
    /** Dataset Management size limit, logical blocks; 0 for none. */
    public static final U64le DMSL = u64le(8);
    /** Reserved, and fields not named here. */
    public static final Bytes RSVD16 = bytes(16, 4080);
}
