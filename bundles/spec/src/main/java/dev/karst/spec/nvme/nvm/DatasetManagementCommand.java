package dev.karst.spec.nvme.nvm;

import dev.karst.base.Struct;

/** Dataset Management command: 64 bytes. NVM Command Set 1.1, 3.2.3. */
public final class DatasetManagementCommand extends Struct {
    public static final int BYTES = 64;

    /** Command dwords 0 to 9, see {@link dev.karst.spec.nvme.Sqe}. */
    public static final Bytes COMMON = bytes(0, 40);
    /** Number of ranges, less one. */
    public static final U8 NR = u8(40);
    /** Reserved. */
    public static final Bytes RSVD41 = bytes(41, 3);
    /** Attribute: integral dataset for read. */
    public static final Bits IDR = bits(44, 4, 0, 1);
    /** Attribute: integral dataset for write. */
    public static final Bits IDW = bits(44, 4, 1, 1);
    /** Attribute: deallocate. */
    public static final Bits AD = bits(44, 4, 2, 1);
    /** Reserved. */
    public static final Bits RSVD44 = bits(44, 4, 3, 29);
    /** Reserved. */
    public static final Bytes CDW12 = bytes(48, 16);
}
