package dev.karst.spec.nvmetcp;

import dev.karst.base.Struct;

/** CapsuleResp: 24 bytes. NVMe TCP Transport 1.0, 3.6.2.7. */
public final class CapsuleResp extends Struct {
    public static final int BYTES = 24;

    public static final Bytes HEADER = bytes(0, Pdu.BYTES);
    /** The completion queue entry. */
    public static final Bytes CQE = bytes(8, 16);

    private CapsuleResp() {}
}
