package dev.karst.spec.nvmetcp;

import dev.karst.base.Struct;

/**
 * Common header of all PDUs: 8 bytes, little endian. NVMe TCP Transport 1.0, 3.6.1.
 *
 * <pre>
 *  31            24 23            16 15             8 7              0
 * +----------------+----------------+----------------+----------------+
 * |      PDO       |      HLEN      |     FLAGS      |    PDU-Type    |  0
 * +----------------+----------------+----------------+----------------+
 * |                               PLEN                                |  4
 * +-------------------------------------------------------------------+
 * </pre>
 */
public final class Pdu extends Struct {
    public static final int BYTES = 8;

    /** PDU type. */
    public static final U8 TYPE = u8(0);
    /** Flags; which of them apply depends on the type. */
    public static final U8 FLAGS = u8(1);
    /** Header length in bytes, without digest. */
    public static final U8 HLEN = u8(2);
    /** PDU data offset in bytes; 0 without data. */
    public static final U8 PDO = u8(3);
    /** Length of the whole PDU in bytes, digests included. */
    public static final U32le PLEN = u32le(4);

    /** Initialize connection request. */
    public static final int ICREQ = 0x00;
    public static final int ICRESP = 0x01;
    public static final int H2C_TERM_REQ = 0x02;
    public static final int C2H_TERM_REQ = 0x03;
    public static final int CAPSULE_CMD = 0x04;
    public static final int CAPSULE_RESP = 0x05;
    public static final int H2C_DATA = 0x06;
    public static final int C2H_DATA = 0x07;
    public static final int R2T = 0x09;

    /** FLAGS: a header digest follows the header. */
    public static final int HDGSTF = 1;
    /** FLAGS: a data digest follows the data. */
    public static final int DDGSTF = 1 << 1;
    /** FLAGS of data: the last PDU of the transfer. */
    public static final int LAST_PDU = 1 << 2;
    /** FLAGS of C2HData: the command succeeded and no response capsule follows. */
    public static final int SUCCESS = 1 << 3;

    /** Bytes of a header or data digest. */
    public static final int DIGEST_BYTES = 4;

    private Pdu() {}
}
