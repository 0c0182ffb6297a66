package dev.karst.spec.virtio;

import dev.karst.base.Struct;

/** What a SCSI host tells in the event queue: 16 bytes. VIRTIO 1.2, 5.6.6.3. */
public final class ScsiEvent extends Struct {
    public static final int BYTES = 16;

    public static final U32le EVENT = u32le(0);
    /** As in {@link ScsiRequest#LUN}. */
    public static final U64be LUN = u64be(4);
    public static final U32le REASON = u32le(12);

    /** {@link #EVENT} */
    public static final int T_NO_EVENT = 0;
    public static final int T_TRANSPORT_RESET = 1;
    /** REASON is an additional sense code in bits 7:0 and its qualifier in 15:8. */
    public static final int T_PARAM_CHANGE = 3;
    /** Set beside an event: others were lost before. */
    public static final long T_EVENTS_MISSED = 1L << 31;

    /** {@link #REASON} of a {@link #T_TRANSPORT_RESET}: look again, there may be another target. */
    public static final int RESET_RESCAN = 1;
    /** The target is gone. */
    public static final int RESET_REMOVED = 2;

    private ScsiEvent() {}
}
