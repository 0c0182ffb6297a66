package dev.karst.spec.nvme.nvm;

import dev.karst.base.Struct;

/** Copy command: 64 bytes. NVM Command Set 1.1, 3.3.2. */
public final class CopyCommand extends Struct {
    public static final int BYTES = 64;

    /** Command dwords 0 to 9, see {@link dev.karst.spec.nvme.Sqe}. */
    public static final Bytes COMMON = bytes(0, 40);
    /** Starting destination LBA. */
    public static final U64le SDLBA = u64le(40);
    /** Number of source ranges, less one. */
    public static final U8 NR = u8(48);
    /** Descriptor format of the source ranges. */
    public static final Bits DESFMT = bits(49, 1, 0, 4);
    /** Protection information of what is read, as {@link dev.karst.spec.nvme.NvmCommand#PRINFO}. */
    public static final Bits PRINFOR = bits(49, 1, 4, 4);
    /** Copy extension type. */
    public static final Bits CETYPE = bits(50, 2, 0, 4);
    /** Directive type. */
    public static final Bits DTYPE = bits(50, 2, 4, 4);
    /** Storage tag check of what is written. */
    public static final Bits STCW = bits(50, 2, 8, 1);
    /** Storage tag check of what is read. */
    public static final Bits STCR = bits(50, 2, 9, 1);
    /** Protection information of what is written, as {@link dev.karst.spec.nvme.NvmCommand#PRINFO}. */
    public static final Bits PRINFOW = bits(50, 2, 10, 4);
    /** Force unit access. */
    public static final Bits FUA = bits(50, 2, 14, 1);
    /** Limited retry. */
    public static final Bits LR = bits(50, 2, 15, 1);
    /** Directive. */
    public static final U32le CDW13 = u32le(52);
    /** Initial logical block reference tag of what is written. */
    public static final U32le ILBRT = u32le(56);
    /** Logical block application tag of what is written. */
    public static final U16le LBAT = u16le(60);
    /** Logical block application tag mask of what is written. */
    public static final U16le LBATM = u16le(62);
}
