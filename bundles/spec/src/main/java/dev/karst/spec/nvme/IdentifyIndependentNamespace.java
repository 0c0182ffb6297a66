package dev.karst.spec.nvme;

import dev.karst.base.Struct;

/**
 * Identify Namespace data structure independent of I/O command sets, CNS 08h: 4096 bytes. NVMe Base 2.1, 5.1.13.2.8.
 */
public final class IdentifyIndependentNamespace extends Struct {
    public static final int BYTES = 4096;

    /** Namespace features: bit 4 volatile write cache not present. */
    public static final U8 NSFEAT = u8(0);
    /** Namespace multi-path I/O and sharing: bit 0 shared. */
    public static final U8 NMIC = u8(1);
    /** Reservation capabilities: bit 0 persist through power loss, 1 to 6 the types, 7 IEKEY as of 1.3. */
    public static final U8 RESCAP = u8(2);
    /** Format progress indicator. */
    public static final U8 FPI = u8(3);
    /** ANA group identifier. */
    public static final U32le ANAGRPID = u32le(4);
    /** Namespace attributes: bit 0 write protected. */
    public static final U8 NSATTR = u8(8);
    /** Reserved. */
    public static final U8 RSVD9 = u8(9);
    /** NVM set identifier. */
    public static final U16le NVMSETID = u16le(10);
    /** Endurance group identifier. */
    public static final U16le ENDGID = u16le(12);
    /** Namespace status: bit 0 ready. */
    public static final U8 NSTAT = u8(14);
    /** Reserved, and fields not named here. */
    public static final Bytes RSVD15 = bytes(15, 4081);
}
