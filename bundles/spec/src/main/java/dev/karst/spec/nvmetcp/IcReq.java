package dev.karst.spec.nvmetcp;

import dev.karst.base.Struct;

/** ICReq, the host's first PDU: 128 bytes. NVMe TCP Transport 1.0, 3.6.2.2. */
public final class IcReq extends Struct {
    public static final int BYTES = 128;

    public static final Bytes HEADER = bytes(0, Pdu.BYTES);
    /** PDU format version; 0. */
    public static final U16le PFV = u16le(8);
    /** Host PDU data alignment: 0's based, in dwords; up to 31. */
    public static final U8 HPDA = u8(10);
    /** Digests that the host asks for: {@link #HDGST_ENABLE}, {@link #DDGST_ENABLE}. */
    public static final U8 DGST = u8(11);
    /** Most R2Ts outstanding for one command; 0's based. */
    public static final U32le MAXR2T = u32le(12);
    public static final Bytes RESERVED = bytes(16, 112);

    public static final int HDGST_ENABLE = 1;
    public static final int DDGST_ENABLE = 1 << 1;
    public static final int HPDA_MAX = 31;

    private IcReq() {}
}
