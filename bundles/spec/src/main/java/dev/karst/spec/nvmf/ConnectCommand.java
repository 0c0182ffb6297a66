package dev.karst.spec.nvmf;

import dev.karst.base.Struct;

/** Connect command: 64 bytes. Its data is {@link ConnectData}. NVMe Base 2.1, 6.3. */
public final class ConnectCommand extends Struct {
    public static final int BYTES = 64;

    /** Command dwords 0 to 9, see {@link FabricsCommand}. */
    public static final Bytes COMMON = bytes(0, 40);
    /** Record format: 0. */
    public static final U16le RECFMT = u16le(40);
    /** Queue: 0 for the admin queue. */
    public static final U16le QID = u16le(42);
    /** Submission queue size, less one. */
    public static final U16le SQSIZE = u16le(44);
    /** Connect attributes: 1:0 priority class, 2 no SQ flow control, 3 individual I/O queue deletion. */
    public static final U8 CATTR = u8(46);
    /** Reserved. */
    public static final U8 RSVD47 = u8(47);
    /** Keep Alive timeout, milliseconds; 0 for none. */
    public static final U32le KATO = u32le(48);
    /** Reserved. */
    public static final Bytes RSVD52 = bytes(52, 12);

    /** {@link #CATTR}: the host does not want SQ flow control. */
    public static final int CATTR_DISABLE_SQFC = 0x04;
    /** Response of Connect Invalid Parameters, dword 0: 15:0 IPO; this bit (IATTR) when it is an offset of the data. */
    public static final int IATTR_DATA = 0x1_0000;
}
