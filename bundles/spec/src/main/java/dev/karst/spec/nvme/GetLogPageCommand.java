package dev.karst.spec.nvme;

import dev.karst.base.Struct;

/** Get Log Page command: 64 bytes. NVMe Base 2.1, 5.1.12. */
public final class GetLogPageCommand extends Struct {
    public static final int BYTES = 64;

    /** Command dwords 0 to 9, see {@link Sqe}. */
    public static final Bytes COMMON = bytes(0, 40);
    /** Log page identifier. */
    public static final U8 LID = u8(40);
    /** Log specific parameter. */
    public static final Bits LSP = bits(41, 1, 0, 7);
    /** Retain asynchronous event. */
    public static final Bits RAE = bits(41, 1, 7, 1);
    /** Number of dwords, less one, lower half. */
    public static final U16le NUMDL = u16le(42);
    /** Number of dwords, upper half. */
    public static final U16le NUMDU = u16le(44);
    /** Log specific identifier. */
    public static final U16le LSI = u16le(46);
    /** Log page offset, in bytes unless {@link #OT}. */
    public static final U64le LPO = u64le(48);
    /** UUID index. */
    public static final Bits UUIDX = bits(56, 4, 0, 7);
    /** Reserved. */
    public static final Bits RSVD56 = bits(56, 4, 7, 16);
    /** Offset type: the offset is an index of entries. */
    public static final Bits OT = bits(56, 4, 23, 1);
    /** Command set identifier. */
    public static final Bits CSI = bits(56, 4, 24, 8);
    /** Reserved. */
    public static final U32le CDW15 = u32le(60);

    /** {@link #LID}: supported log pages, 256 dwords. NVMe Base 2.1, 5.1.12.1.1. */
    public static final int LID_SUPPORTED = 0x00;
    /** {@link #LID}: error information, {@link dev.karst.spec.nvme.log.ErrorLogEntry}. */
    public static final int LID_ERROR = 0x01;
    /** {@link #LID}: SMART / health information, {@link dev.karst.spec.nvme.log.HealthLog}. */
    public static final int LID_HEALTH = 0x02;
    /** {@link #LID}: firmware slot information, {@link dev.karst.spec.nvme.log.FirmwareLog}. */
    public static final int LID_FIRMWARE = 0x03;
    /** {@link #LID}: changed attached namespace list, 1024 identifiers. */
    public static final int LID_CHANGED_NAMESPACES = 0x04;
    /** {@link #LID}: commands supported and effects, {@link dev.karst.spec.nvme.log.EffectsLog}. */
    public static final int LID_EFFECTS = 0x05;
    /** {@link #LID}: asymmetric namespace access, {@link dev.karst.spec.nvme.log.AnaLog}. */
    public static final int LID_ANA = 0x0c;
    /** {@link #LID}: feature identifiers supported and effects, 256 dwords. NVMe Base 2.1, 5.1.12.1.18. */
    public static final int LID_FEATURES = 0x12;
    /** {@link #LID}: Management Interface commands supported and effects, 4096 bytes. NVMe Base 2.1, 5.1.12.1.19. */
    public static final int LID_MI_COMMANDS = 0x13;
    /** {@link #LID}: discovery. */
    public static final int LID_DISCOVERY = 0x70;
    /** {@link #LID}: reservation notification. */
    public static final int LID_RESERVATION = 0x80;

    /** Bytes that the command asks for. */
    public static long lengthBytes(long sqe) {
        return ((long) NUMDU.get(sqe) << 16 | NUMDL.get(sqe)) + 1 << 2;
    }
}
