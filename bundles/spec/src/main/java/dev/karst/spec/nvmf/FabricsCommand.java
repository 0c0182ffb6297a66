package dev.karst.spec.nvmf;

import dev.karst.base.Struct;

/** Fabrics command, common format: 64 bytes, with an opcode of 7Fh. NVMe Base 2.1, 6. */
public final class FabricsCommand extends Struct {
    public static final int BYTES = 64;

    /** Opcode: 7Fh. */
    public static final U8 OPC = u8(0);
    /** Reserved. */
    public static final Bits RSVD1 = bits(1, 1, 0, 6);
    /** PRP or SGL for data transfer. */
    public static final Bits PSDT = bits(1, 1, 6, 2);
    /** Command identifier. */
    public static final U16le CID = u16le(2);
    /** Fabrics command type. */
    public static final U8 FCTYPE = u8(4);
    /** Reserved, or the type's own. */
    public static final Bytes RSVD5 = bytes(5, 35);
    /** The type's own. */
    public static final Bytes SPECIFIC = bytes(40, 24);

    /** {@link #FCTYPE}: Property Set. */
    public static final int PROPERTY_SET = 0x00;
    /** {@link #FCTYPE}: Connect. */
    public static final int CONNECT = 0x01;
    /** {@link #FCTYPE}: Property Get. */
    public static final int PROPERTY_GET = 0x04;
    /** {@link #FCTYPE}: Authentication Send. */
    public static final int AUTHENTICATION_SEND = 0x05;
    /** {@link #FCTYPE}: Authentication Receive. */
    public static final int AUTHENTICATION_RECEIVE = 0x06;
    /** {@link #FCTYPE}: Disconnect. */
    public static final int DISCONNECT = 0x08;
}
