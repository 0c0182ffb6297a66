package dev.karst.spec.nvme.log;

import dev.karst.base.Struct;

/** SMART / Health Information log page, LID 02h: 512 bytes. NVMe Base 2.1, 5.1.12.1.3. */
public final class HealthLog extends Struct {
    public static final int BYTES = 512;

    /** Critical warning: bit 0 spare, 1 temperature, 2 reliability, 3 read only. */
    public static final U8 CW = u8(0);
    /** Composite temperature, kelvin. */
    public static final U16le CTEMP = u16le(1);
    /** Available spare, percent. */
    public static final U8 AVSP = u8(3);
    /** Available spare threshold, percent. */
    public static final U8 AVSPT = u8(4);
    /** Percentage used. */
    public static final U8 PUSED = u8(5);
    /** Endurance group critical warning summary. */
    public static final U8 EGCWS = u8(6);
    /** Reserved. */
    public static final Bytes RSVD7 = bytes(7, 25);
    /** Data units read, 1000 times 512 bytes, rounded up. */
    public static final Bytes DUR = bytes(32, 16);
    /** Data units written, 1000 times 512 bytes, rounded up. */
    public static final Bytes DUW = bytes(48, 16);
    /** Host read commands. */
    public static final Bytes HRC = bytes(64, 16);
    /** Host write commands. */
    public static final Bytes HWC = bytes(80, 16);
    /** Controller busy time, minutes. */
    public static final Bytes CBT = bytes(96, 16);
    /** Power cycles. */
    public static final Bytes PWRC = bytes(112, 16);
    /** Power on hours. */
    public static final Bytes POH = bytes(128, 16);
    /** Unexpected power losses. */
    public static final Bytes UPL = bytes(144, 16);
    /** Media and data integrity errors. */
    public static final Bytes MDIE = bytes(160, 16);
    /** Number of error information log entries. */
    public static final Bytes NEILE = bytes(176, 16);
    /** Warning composite temperature time, minutes. */
    public static final U32le WCTT = u32le(192);
    /** Critical composite temperature time, minutes. */
    public static final U32le CCTT = u32le(196);
    /** Eight temperature sensors, kelvin; 0 for none. */
    public static final Bytes TSEN = bytes(200, 16);
    /** Thermal management transitions and times. */
    public static final Bytes TMT = bytes(216, 16);
    /** Reserved. */
    public static final Bytes RSVD232 = bytes(232, 280);
}
