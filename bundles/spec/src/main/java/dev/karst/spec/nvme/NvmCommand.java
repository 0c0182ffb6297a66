package dev.karst.spec.nvme;

import dev.karst.base.Struct;

/** Read, Write and Write Zeroes commands: 64 bytes. NVM Command Set 1.1, 3.2.4, 3.2.6 and 3.2.8. */
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
    /** Protection information. */
    public static final Bits PRINFO = bits(50, 2, 10, 4);
    /** Force unit access. */
    public static final Bits FUA = bits(50, 2, 14, 1);
    /** Limited retry. */
    public static final Bits LR = bits(50, 2, 15, 1);
    /** Dataset management hints; directive. */
    public static final U32le CDW13 = u32le(52);
    /** Tags. */
    public static final U32le CDW14 = u32le(56);
    /** Tags. */
    public static final U32le CDW15 = u32le(60);
}
