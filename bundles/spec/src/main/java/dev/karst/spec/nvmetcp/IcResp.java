package dev.karst.spec.nvmetcp;

import dev.karst.base.Struct;

/** ICResp, the controller's first PDU: 128 bytes. NVMe TCP Transport 1.0, 3.6.2.3. */
public final class IcResp extends Struct {
    public static final int BYTES = 128;

    public static final Bytes HEADER = bytes(0, Pdu.BYTES);
    /** PDU format version; 0. */
    public static final U16le PFV = u16le(8);
    /** Controller PDU data alignment: 0's based, in dwords; up to 31. */
    public static final U8 CPDA = u8(10);
    /** Digests in use: {@link IcReq#HDGST_ENABLE}, {@link IcReq#DDGST_ENABLE}. */
    public static final U8 DGST = u8(11);
    /** Most bytes of data in one H2CData PDU; a multiple of 4, 4096 at least. */
    public static final U32le MAXH2CDATA = u32le(12);
    public static final Bytes RESERVED = bytes(16, 112);

    private IcResp() {}
}
