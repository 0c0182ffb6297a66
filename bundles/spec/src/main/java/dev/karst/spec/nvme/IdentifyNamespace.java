package dev.karst.spec.nvme;

import dev.karst.base.Struct;

/** Identify Namespace data structure of the NVM command set, CNS 00h: 4096 bytes. NVM Command Set 1.1, 4.1.5.1. */
public final class IdentifyNamespace extends Struct {
    public static final int BYTES = 4096;

    /** Namespace size, logical blocks. */
    public static final U64le NSZE = u64le(0);
    /** Namespace capacity, logical blocks. */
    public static final U64le NCAP = u64le(8);
    /** Namespace utilization, logical blocks. */
    public static final U64le NUSE = u64le(16);
    /** Namespace features: bit 0 thin provisioning, 4 NPWG and its kind are given. */
    public static final U8 NSFEAT = u8(24);
    /** Number of LBA formats, less one. */
    public static final U8 NLBAF = u8(25);
    /** Formatted LBA size: 3:0 index of the format, 4 metadata follows the data. */
    public static final U8 FLBAS = u8(26);
    /** Metadata capabilities: bit 0 behind the data, 1 in a buffer of its own. */
    public static final U8 MC = u8(27);
    /** End-to-end data protection capabilities. */
    public static final U8 DPC = u8(28);
    /** End-to-end data protection type settings. */
    public static final U8 DPS = u8(29);
    /** Namespace multi-path I/O and sharing: bit 0 shared. */
    public static final U8 NMIC = u8(30);
    /** Reservation capabilities: bit 0 persist through power loss, 1 to 6 the types, 7 IEKEY as of 1.3. */
    public static final U8 RESCAP = u8(31);
    /** Format progress indicator. */
    public static final U8 FPI = u8(32);
    /** Deallocate logical block features: 2:0 read behaviour (1 zeros), 3 deallocate by Write Zeroes. */
    public static final U8 DLFEAT = u8(33);
    /** Namespace atomic write unit normal. */
    public static final U16le NAWUN = u16le(34);
    /** Namespace atomic write unit power fail. */
    public static final U16le NAWUPF = u16le(36);
    /** Namespace atomic compare and write unit. */
    public static final U16le NACWU = u16le(38);
    /** Namespace atomic boundary size normal. */
    public static final U16le NABSN = u16le(40);
    /** Namespace atomic boundary offset. */
    public static final U16le NABO = u16le(42);
    /** Namespace atomic boundary size power fail. */
    public static final U16le NABSPF = u16le(44);
    /** Namespace optimal I/O boundary. */
    public static final U16le NOIOB = u16le(46);
    /** NVM capacity, bytes. */
    public static final Bytes NVMCAP = bytes(48, 16);
    /** Namespace preferred write granularity, less one. */
    public static final U16le NPWG = u16le(64);
    /** Namespace preferred write alignment, less one. */
    public static final U16le NPWA = u16le(66);
    /** Namespace preferred deallocate granularity, less one. */
    public static final U16le NPDG = u16le(68);
    /** Namespace preferred deallocate alignment, less one. */
    public static final U16le NPDA = u16le(70);
    /** Namespace optimal write size, less one. */
    public static final U16le NOWS = u16le(72);
    /** Copy: maximum single source range length. */
    public static final U16le MSSRL = u16le(74);
    /** Copy: maximum copy length. */
    public static final U32le MCL = u32le(76);
    /** Copy: maximum source range count. */
    public static final U8 MSRC = u8(80);
    /** Reserved, and fields not named here. */
    public static final Bytes RSVD81 = bytes(81, 11);
    /** ANA group identifier. */
    public static final U32le ANAGRPID = u32le(92);
    /** Reserved. */
    public static final Bytes RSVD96 = bytes(96, 3);
    /** Namespace attributes: bit 0 write protected. */
    public static final U8 NSATTR = u8(99);
    /** NVM set identifier. */
    public static final U16le NVMSETID = u16le(100);
    /** Endurance group identifier. */
    public static final U16le ENDGID = u16le(102);
    /** Namespace globally unique identifier, big endian. */
    public static final Bytes NGUID = bytes(104, 16);
    /** IEEE extended unique identifier, big endian. */
    public static final Bytes EUI64 = bytes(120, 8);
    /** LBA format 0: metadata size. */
    public static final U16le LBAF0_MS = u16le(128);
    /** LBA format 0: LBA data size, a power of two of bytes. */
    public static final U8 LBAF0_LBADS = u8(130);
    /** LBA format 0: relative performance. */
    public static final U8 LBAF0_RP = u8(131);
    /** LBA formats 1 to 63. */
    public static final Bytes LBAF = bytes(132, 252);
    /** Vendor specific. */
    public static final Bytes VS = bytes(384, 3712);
}
