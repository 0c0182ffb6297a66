package dev.karst.spec.nvmetcp;

import dev.karst.base.Struct;

/**
 * H2CTermReq and C2HTermReq: 24 bytes, then up to 128 bytes of the header that was wrong. NVMe TCP Transport 1.0, 3.6.2.4 and
 * 3.6.2.5.
 */
public final class TermReq extends Struct {
    public static final int BYTES = 24;

    public static final Bytes HEADER = bytes(0, Pdu.BYTES);
    /** Fatal error status. */
    public static final U16le FES = u16le(8);
    /** Fatal error information: where in the header the wrong field begins, or the digest that came. */
    public static final U32le FEI = u32le(10);
    public static final Bytes RESERVED = bytes(14, 10);

    /** Most bytes of a wrong header that go along. */
    public static final int DATA_BYTES_MAX = 128;

    /** FES: a field of the header; FEI is its offset. */
    public static final int INVALID_HEADER_FIELD = 0x01;
    /** FES: a PDU that must not come now. */
    public static final int SEQUENCE_ERROR = 0x02;
    /** FES: FEI is the header digest that came. */
    public static final int HEADER_DIGEST_ERROR = 0x03;
    /** FES: data outside what was asked for. */
    public static final int DATA_OUT_OF_RANGE = 0x04;
    /** FES: more data, or more R2Ts, than the limit. */
    public static final int LIMIT_EXCEEDED = 0x05;
    /** FES: FEI is the offset of the parameter. */
    public static final int UNSUPPORTED_PARAMETER = 0x06;

    private TermReq() {}
}
