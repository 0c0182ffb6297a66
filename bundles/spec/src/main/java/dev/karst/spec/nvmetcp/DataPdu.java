package dev.karst.spec.nvmetcp;

import dev.karst.base.Struct;

/** H2CData, C2HData and R2T without their data: 24 bytes. NVMe TCP Transport 1.0, 3.6.2.8 to 3.6.2.10. */
public final class DataPdu extends Struct {
    public static final int BYTES = 24;

    public static final Bytes HEADER = bytes(0, Pdu.BYTES);
    /** Command capsule CID. */
    public static final U16le CCCID = u16le(8);
    /** Transfer tag, H2CData and R2T; reserved in C2HData. */
    public static final U16le TTAG = u16le(10);
    /** DATAO, or R2TO of an R2T: the first byte in the command's data. */
    public static final U32le DATAO = u32le(12);
    /** DATAL, or R2TL of an R2T: how many bytes. */
    public static final U32le DATAL = u32le(16);
    public static final Bytes RESERVED = bytes(20, 4);

    private DataPdu() {}
}
