package dev.karst.spec.virtio;

import dev.karst.base.Struct;

/** Asks for asynchronous notifications, in the control queue: 16 bytes. VIRTIO 1.2, 5.6.6.2, struct virtio_scsi_ctrl_an. */
public final class ScsiNotifyRequest extends Struct {
    public static final int BYTES = 16;
    /** Bytes of the answer: those that there are, 4 bytes, and a response. */
    public static final int ANSWER_BYTES = 5;

    public static final U32le TYPE = u32le(0);
    public static final Bytes LUN = bytes(4, 8);
    public static final U32le EVENT_REQUESTED = u32le(12);

    private ScsiNotifyRequest() {}
}
