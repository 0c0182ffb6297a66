package dev.karst.spec.virtio;

import dev.karst.base.Struct;

/**
 * What a request to a SCSI host begins with: 51 bytes; data for the device follow. VIRTIO 1.2, 5.6.6.1, struct virtio_scsi_req_cmd with the
 * usual size of CDBs.
 */
public final class ScsiRequest extends Struct {
    public static final int BYTES = 51;

    /** 1, the target, and a single level LUN in flat space addressing. */
    public static final U64be LUN = u64be(0);
    /** Tells it from others. */
    public static final U64le ID = u64le(8);
    public static final U8 TASK_ATTR = u8(16);
    public static final U8 PRIO = u8(17);
    public static final U8 CRN = u8(18);
    public static final Bytes CDB = bytes(19, 32);

    /** {@link #TASK_ATTR} */
    public static final int S_SIMPLE = 0;
    public static final int S_ORDERED = 1;
    public static final int S_HEAD = 2;
    public static final int S_ACA = 3;

    private ScsiRequest() {}
}
