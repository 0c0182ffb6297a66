package dev.karst.spec.iscsi;

import dev.karst.base.Struct;

/** SCSI Command: 48 bytes. RFC 7143, 11.3. */
public final class ScsiCommand extends Struct {
    public static final int BYTES = 48;

    public static final Bytes HEADER = bytes(0, 20);
    /** Bytes that the initiator wants to be moved. */
    public static final U32be EDTL = u32be(20);
    /** Command sequence number. */
    public static final U32be CMDSN = u32be(24);
    /** The status sequence number that the initiator expects next. */
    public static final U32be EXPSTATSN = u32be(28);
    /** Command descriptor block; what does not fit is in an additional header segment. */
    public static final Bytes CDB = bytes(32, 16);

    /** FLAGS: data comes from the target. */
    public static final int R = 0x40;
    /** FLAGS: data comes from the initiator. */
    public static final int W = 0x20;
    /** FLAGS: the task attribute. */
    public static final int ATTR_MASK = 7;

    /** Type of an additional header segment: the rest of a CDB. RFC 7143, 11.2.2.3. */
    public static final int EXTENDED_CDB = 1;
    /** Type of an additional header segment: bytes that the initiator takes when it sends some too. RFC 7143, 11.2.2.4. */
    public static final int BIDIRECTIONAL_LENGTH = 2;

    private ScsiCommand() {}
}
