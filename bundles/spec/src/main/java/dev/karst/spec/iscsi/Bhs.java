package dev.karst.spec.iscsi;

import dev.karst.base.Struct;

/**
 * Basic header segment: 48 bytes, big endian. RFC 7143, 11.2.1.
 *
 * <pre>
 *  7 6 5         0 7             0 7             0 7             0
 * +-+-+-----------+-+-------------+-------------------------------+
 * |.|I|  Opcode   |F|          opcode-specific fields             |  0
 * +-+-+-----------+-+-------------+-------------------------------+
 * | TotalAHSLength|             DataSegmentLength                 |  4
 * +---------------+-----------------------------------------------+
 * |                LUN, or opcode-specific fields                 |  8
 * |                                                               | 12
 * +---------------------------------------------------------------+
 * |                      Initiator Task Tag                       | 16
 * +---------------------------------------------------------------+
 * |                    opcode-specific fields                     | 20
 * </pre>
 */
public final class Bhs extends Struct {
    public static final int BYTES = 48;

    /** Opcode. */
    public static final Bits OPCODE = bits(0, 1, 0, 6);
    /** Immediate delivery. */
    public static final Bits I = bits(0, 1, 6, 1);
    public static final Bits RSVD0 = bits(0, 1, 7, 1);
    /** Flags; the highest bit is F, or T. */
    public static final U8 FLAGS = u8(1);
    public static final Bytes SPECIFIC2 = bytes(2, 2);
    /** TotalAHSLength in words of 4 bytes in the first byte, DataSegmentLength in bytes in the others. */
    public static final U32be LENGTHS = u32be(4);
    /** Logical unit number. */
    public static final U64be LUN = u64be(8);
    /** Initiator task tag. */
    public static final U32be ITT = u32be(16);
    public static final Bytes SPECIFIC20 = bytes(20, 28);

    /** FLAGS: the last PDU of a sequence. */
    public static final int FINAL = 0x80;
    /** No tag. */
    public static final int NO_TAG = -1;

    // Opcodes of initiators.
    public static final int NOP_OUT = 0x00;
    public static final int SCSI_COMMAND = 0x01;
    public static final int TASK_REQUEST = 0x02;
    public static final int LOGIN_REQUEST = 0x03;
    public static final int TEXT_REQUEST = 0x04;
    public static final int DATA_OUT = 0x05;
    public static final int LOGOUT_REQUEST = 0x06;
    public static final int SNACK = 0x10;

    // Opcodes of targets.
    public static final int NOP_IN = 0x20;
    public static final int SCSI_RESPONSE = 0x21;
    public static final int TASK_RESPONSE = 0x22;
    public static final int LOGIN_RESPONSE = 0x23;
    public static final int TEXT_RESPONSE = 0x24;
    public static final int DATA_IN = 0x25;
    public static final int LOGOUT_RESPONSE = 0x26;
    public static final int R2T = 0x31;
    public static final int ASYNC_MESSAGE = 0x32;
    public static final int REJECT = 0x3f;

    /** Bytes of a header or data digest. */
    public static final int DIGEST_BYTES = 4;
    /** Most bytes of a header with its additional segments. */
    public static final int MAX_HEADER_BYTES = BYTES + 255 * 4;

    private static final int LENGTH_MASK = 0xff_ffff;
    private static final int LENGTH_BITS = 24;

    private Bhs() {}

    /** Bytes of the data segment, without padding. */
    public static int dataLength(long pdu) {
        return (int) LENGTHS.get(pdu) & LENGTH_MASK;
    }

    /** Bytes of the additional header segments. */
    public static int ahsBytes(long pdu) {
        return (int) (LENGTHS.get(pdu) >>> LENGTH_BITS) * 4;
    }

    /** Bytes that fill up a data segment of that length to a multiple of 4. */
    public static int padding(int dataLength) {
        return -dataLength & 3;
    }
}
