package dev.karst.spec.nvme;

import dev.karst.base.Struct;

/** Get Features and Set Features commands: 64 bytes. NVMe Base 2.1, 5.1.11 and 5.1.25. */
public final class FeaturesCommand extends Struct {
    public static final int BYTES = 64;

    /** Command dwords 0 to 9, see {@link Sqe}. */
    public static final Bytes COMMON = bytes(0, 40);
    /** Feature identifier. */
    public static final U8 FID = u8(40);
    /** Get: which value; 0 the current one. */
    public static final Bits SEL = bits(41, 1, 0, 3);
    /** Reserved. */
    public static final Bits RSVD41 = bits(41, 1, 3, 5);
    /** Reserved. */
    public static final U8 RSVD42 = u8(42);
    /** Reserved. */
    public static final Bits RSVD43 = bits(43, 1, 0, 7);
    /** Set: save. */
    public static final Bits SV = bits(43, 1, 7, 1);
    /** The feature's own: the value of most. */
    public static final U32le CDW11 = u32le(44);
    /** The feature's own. */
    public static final U32le CDW12 = u32le(48);
    /** The feature's own. */
    public static final U32le CDW13 = u32le(52);
    /** UUID index. */
    public static final U32le CDW14 = u32le(56);
    /** The feature's own. */
    public static final U32le CDW15 = u32le(60);

    /** {@link #SEL}: the current value. */
    public static final int SEL_CURRENT = 0;
    /** {@link #SEL}: the value after a reset. */
    public static final int SEL_DEFAULT = 1;
    /** {@link #SEL}: the saved value; the default one where nothing can be saved. */
    public static final int SEL_SAVED = 2;
    /** {@link #SEL}: what can be done: bit 0 saveable, 1 namespace specific, 2 changeable. */
    public static final int SEL_CAPABILITIES = 3;
    /** {@link #FID}: arbitration. */
    public static final int FID_ARBITRATION = 0x01;
    /** {@link #FID}: power management. */
    public static final int FID_POWER_MANAGEMENT = 0x02;
    /** {@link #FID}: temperature threshold. */
    public static final int FID_TEMPERATURE_THRESHOLD = 0x04;
    /** {@link #FID}: error recovery; NVM Command Set 1.1, 4.1.3. */
    public static final int FID_ERROR_RECOVERY = 0x05;
    /** {@link #FID}: volatile write cache. */
    public static final int FID_VOLATILE_WRITE_CACHE = 0x06;
    /** {@link #FID}: number of queues. */
    public static final int FID_NUMBER_OF_QUEUES = 0x07;
    /** {@link #FID}: interrupt coalescing; not with Fabrics. */
    public static final int FID_INTERRUPT_COALESCING = 0x08;
    /** {@link #FID}: interrupt vector configuration; not with Fabrics. */
    public static final int FID_INTERRUPT_VECTOR = 0x09;
    /** {@link #FID}: write atomicity normal. */
    public static final int FID_WRITE_ATOMICITY = 0x0a;
    /** {@link #FID}: asynchronous event configuration. */
    public static final int FID_ASYNC_EVENT_CONFIGURATION = 0x0b;
    /** {@link #FID}: Keep Alive timer, in milliseconds. */
    public static final int FID_KEEP_ALIVE_TIMER = 0x0f;
    /** {@link #FID}: host behavior support, with 512 bytes of data. */
    public static final int FID_HOST_BEHAVIOR_SUPPORT = 0x16;
    /** {@link #FID}: host identifier, with data. */
    public static final int FID_HOST_IDENTIFIER = 0x81;
    /** {@link #FID}: reservation notification mask, of a namespace: bit 1 registration preempted, 2 released, 3 preempted. */
    public static final int FID_RESERVATION_MASK = 0x82;
    /** {@link #FID}: reservation persistence, of a namespace: bit 0 persist through power loss. */
    public static final int FID_RESERVATION_PERSISTENCE = 0x83;
}
