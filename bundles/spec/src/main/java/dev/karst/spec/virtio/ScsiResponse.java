package dev.karst.spec.virtio;

import dev.karst.base.Struct;

/**
 * How a SCSI host answers a request: 108 bytes; data for the driver follow. VIRTIO 1.2, 5.6.6.1, struct virtio_scsi_req_cmd with the usual
 * size of sense data.
 */
public final class ScsiResponse extends Struct {
    public static final int BYTES = 108;

    public static final U32le SENSE_LEN = u32le(0);
    /** Bytes of all data buffers that were not moved. */
    public static final U32le RESIDUAL = u32le(4);
    public static final U16le STATUS_QUALIFIER = u16le(8);
    /** As in SAM, when the response is {@link #S_OK}. */
    public static final U8 STATUS = u8(10);
    public static final U8 RESPONSE = u8(11);
    public static final Bytes SENSE = bytes(12, 96);

    /** {@link #RESPONSE}, here and to control requests: the device has done it. */
    public static final int S_OK = 0;
    /** The CDB wants more data than there are buffers. */
    public static final int S_OVERRUN = 1;
    /** Ended by ABORT TASK or ABORT TASK SET. */
    public static final int S_ABORTED = 2;
    public static final int S_BAD_TARGET = 3;
    /** Ended by a reset. */
    public static final int S_RESET = 4;
    public static final int S_BUSY = 5;
    public static final int S_TRANSPORT_FAILURE = 6;
    public static final int S_TARGET_FAILURE = 7;
    public static final int S_NEXUS_FAILURE = 8;
    public static final int S_FAILURE = 9;

    private ScsiResponse() {}
}
