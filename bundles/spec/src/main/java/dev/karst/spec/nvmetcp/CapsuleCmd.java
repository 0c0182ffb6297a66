package dev.karst.spec.nvmetcp;

import dev.karst.base.Struct;

/** CapsuleCmd without its data: 72 bytes. NVMe TCP Transport 1.0, 3.6.2.6. */
public final class CapsuleCmd extends Struct {
    public static final int BYTES = 72;

    public static final Bytes HEADER = bytes(0, Pdu.BYTES);
    /** The submission queue entry. */
    public static final Bytes SQE = bytes(8, 64);

    private CapsuleCmd() {}
}
