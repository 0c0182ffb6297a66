package dev.karst.spec.nvme.log;

import dev.karst.base.Struct;

/** Entry of the Error Information log page, LID 01h: 64 bytes. NVMe Base 2.1, 5.1.12.1.2. */
public final class ErrorLogEntry extends Struct {
    public static final int BYTES = 64;

    /** Error count; 0 for an entry that holds nothing. */
    public static final U64le ECNT = u64le(0);
    /** Submission queue identifier. */
    public static final U16le SQID = u16le(8);
    /** Command identifier. */
    public static final U16le CID = u16le(10);
    /** Status with phase bit. */
    public static final U16le STS = u16le(12);
    /** Parameter error location: 7:0 byte, 10:8 bit. */
    public static final U16le PEL = u16le(14);
    /** First LBA that met the error. */
    public static final U64le LBA = u64le(16);
    /** Namespace. */
    public static final U32le NSID = u32le(24);
    /** Vendor specific information available. */
    public static final U8 VSIA = u8(28);
    /** Transport type. */
    public static final U8 TRTYPE = u8(29);
    /** Command set indicator. */
    public static final U8 CSI = u8(30);
    /** Opcode. */
    public static final U8 OPC = u8(31);
    /** Command specific information. */
    public static final U64le CSINFO = u64le(32);
    /** Transport type specific information. */
    public static final U16le TTSI = u16le(40);
    /** Reserved. */
    public static final Bytes RSVD42 = bytes(42, 21);
    /** Log page version. */
    public static final U8 LPVER = u8(63);
}
