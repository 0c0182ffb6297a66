package dev.karst.spec.iscsi;

import dev.karst.base.Struct;

/** SCSI Response: 48 bytes. RFC 7143, 11.4. */
public final class ScsiResponse extends Struct {
    public static final int BYTES = 48;

    public static final Bytes HEADER = bytes(0, 20);
    /** SNACK tag; 0. */
    public static final U32be SNACK_TAG = u32be(20);
    /** Status sequence number. */
    public static final U32be STATSN = u32be(24);
    /** The command sequence number that the target expects next. */
    public static final U32be EXPCMDSN = u32be(28);
    /** The highest command sequence number that the target takes. */
    public static final U32be MAXCMDSN = u32be(32);
    /** Data-In PDUs that were sent for the command. */
    public static final U32be EXPDATASN = u32be(36);
    /** Bidirectional read residual count. */
    public static final U32be BIDI_RESIDUAL = u32be(40);
    /** Residual count. */
    public static final U32be RESIDUAL = u32be(44);

    /** FLAGS: the command wanted more than the initiator offered. */
    public static final int O = 4;
    /** FLAGS: the command wanted less than the initiator offered. */
    public static final int U = 2;

    private ScsiResponse() {}
}
