package dev.karst.spec.nvme;

import dev.karst.base.Struct;

/**
 * Commands on one range of blocks (Read, Write, Compare, Verify, Write Zeroes): 64 bytes. NVM Command Set 1.1, 3.3.1,
 * 3.3.4 to 3.3.8.
 */
public final class NvmCommand extends Struct {
    public static final int BYTES = 64;

    /** Command dwords 0 to 9, see {@link Sqe}. */
    public static final Bytes COMMON = bytes(0, 40);
    /** Starting LBA. */
    public static final U64le SLBA = u64le(40);
    /** Number of logical blocks, less one. */
    public static final U16le NLB = u16le(48);
    /** Command extension type. */
    public static final Bits CETYPE = bits(50, 2, 0, 4);
    /** Write: directive type. */
    public static final Bits DTYPE = bits(50, 2, 4, 4);
    /** Storage tag check. */
    public static final Bits STC = bits(50, 2, 8, 1);
    /** Write Zeroes: deallocate. */
    public static final Bits DEAC = bits(50, 2, 9, 1);
    /** Protection information: {@link #PRACT} and what is checked. */
    public static final Bits PRINFO = bits(50, 2, 10, 4);
    /** Force unit access. */
    public static final Bits FUA = bits(50, 2, 14, 1);
    /** Limited retry. */
    public static final Bits LR = bits(50, 2, 15, 1);
    /** Dataset management hints; directive. */
    public static final U32le CDW13 = u32le(52);
    /** (Expected) initial logical block reference tag. */
    public static final U32le ILBRT = u32le(56);
    /** (Expected) logical block application tag. */
    public static final U16le LBAT = u16le(60);
    /** (Expected) logical block application tag mask. */
    public static final U16le LBATM = u16le(62);

    /** {@link #PRINFO}: the reference tag is checked. */
    public static final int PRCHK_REFERENCE = 1;
    /** {@link #PRINFO}: the application tag is checked. */
    public static final int PRCHK_APPLICATION = 2;
    /** {@link #PRINFO}: the guard is checked. */
    public static final int PRCHK_GUARD = 4;
    /** {@link #PRINFO}: protection information is inserted or stripped. */
    public static final int PRACT = 8;
}
