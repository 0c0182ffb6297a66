package dev.karst.spec.nvme.nvm;

import dev.karst.base.Struct;

/**
 * I/O command set specific Identify Namespace data structure of the NVM command set, CNS 05h: 4096 bytes. NVM Command
 * Set 1.1, 4.1.5.3.
 */
public final class IdentifyNvmNamespace extends Struct {
    public static final int BYTES = 4096;

    /** Logical block storage tag mask. */
    public static final U64le LBSTM = u64le(0);
    /** Protection information capabilities. */
    public static final U8 PIC = u8(8);
    /** Protection information format attribute. */
    public static final U8 PIFA = u8(9);
    /** Reserved. */
    public static final U16le RSVD10 = u16le(10);
    /** Extended LBA format 0: storage tag size, bits. */
    public static final Bits ELBAF0_STS = bits(12, 4, 0, 7);
    /** Extended LBA format 0: protection information format; guards of 16, 32 or 64 bits. */
    public static final Bits ELBAF0_PIF = bits(12, 4, 7, 2);
    /** Reserved. */
    public static final Bits RSVD12 = bits(12, 4, 9, 23);
    /** Extended LBA formats 1 to 63, of 4 bytes. */
    public static final Bytes ELBAF = bytes(16, 252);
    /** Namespace preferred deallocate granularity, large. */
    public static final U32le NPDGL = u32le(268);
    /** Reserved, and fields not named here. */
    public static final Bytes RSVD272 = bytes(272, 3824);
}
