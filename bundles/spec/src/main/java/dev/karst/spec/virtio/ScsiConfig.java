package dev.karst.spec.virtio;

import dev.karst.base.Struct;

/** The configuration of a SCSI host: 36 bytes. VIRTIO 1.2, 5.6.4. */
public final class ScsiConfig extends Struct {
    public static final int BYTES = 36;

    /** Request queues. */
    public static final U32le NUM_QUEUES = u32le(0);
    /** Segments of a request. */
    public static final U32le SEG_MAX = u32le(4);
    /** In sectors of 512 bytes. */
    public static final U32le MAX_SECTORS = u32le(8);
    public static final U32le CMD_PER_LUN = u32le(12);
    public static final U32le EVENT_INFO_SIZE = u32le(16);
    public static final U32le SENSE_SIZE = u32le(20);
    public static final U32le CDB_SIZE = u32le(24);
    public static final U16le MAX_CHANNEL = u16le(28);
    public static final U16le MAX_TARGET = u16le(30);
    public static final U32le MAX_LUN = u32le(32);

    private ScsiConfig() {}
}
