package dev.karst.spec.nvme;

import dev.karst.base.Struct;

/**
 * Identify Controller data structure, CNS 01h: 4096 bytes. NVMe Base 2.1, 5.1.13.2.1; I/O fields NVM Command Set 1.1,
 * 4.1.5.
 */
public final class IdentifyController extends Struct {
    public static final int BYTES = 4096;

    /** PCI Vendor ID. */
    public static final U16le VID = u16le(0);
    /** PCI Subsystem Vendor ID. */
    public static final U16le SSVID = u16le(2);
    /** Serial number. */
    public static final Text SN = ascii(4, 20);
    /** Model number. */
    public static final Text MN = ascii(24, 40);
    /** Firmware revision. */
    public static final Text FR = ascii(64, 8);
    /** Recommended arbitration burst. */
    public static final U8 RAB = u8(72);
    /** IEEE OUI identifier. */
    public static final Bytes IEEE = bytes(73, 3);
    /** Controller multi-path I/O and namespace sharing: bit 0 several ports, 1 several controllers, 3 ANA. */
    public static final U8 CMIC = u8(76);
    /** Maximum data transfer size, a power of two of CAP.MPSMIN; 0 for no limit. */
    public static final U8 MDTS = u8(77);
    /** Controller ID. */
    public static final U16le CNTLID = u16le(78);
    /** Version. */
    public static final U32le VER = u32le(80);
    /** RTD3 resume latency. */
    public static final U32le RTD3R = u32le(84);
    /** RTD3 entry latency. */
    public static final U32le RTD3E = u32le(88);
    /** Optional asynchronous events: bit 8 namespace attribute notices, 11 ANA changes, 31 discovery log page changes. */
    public static final U32le OAES = u32le(92);
    /** Controller attributes: bit 0 host identifiers of 128 bits, 6 traffic based Keep Alive. */
    public static final U32le CTRATT = u32le(96);
    /** Read recovery levels. */
    public static final U16le RRLS = u16le(100);
    /** Boot partition capabilities. */
    public static final U8 BPCAP = u8(102);
    /** Reserved. */
    public static final U8 RSVD103 = u8(103);
    /** NVM subsystem shutdown latency. */
    public static final U32le NSSL = u32le(104);
    /** Reserved. */
    public static final U16le RSVD108 = u16le(108);
    /** Power loss signaling information. */
    public static final U8 PLSI = u8(110);
    /** Controller type: 1 I/O, 2 discovery, 3 administrative. */
    public static final U8 CNTRLTYPE = u8(111);
    /** FRU globally unique identifier. */
    public static final Bytes FGUID = bytes(112, 16);
    /** Command retry delay time 1. */
    public static final U16le CRDT1 = u16le(128);
    /** Command retry delay time 2. */
    public static final U16le CRDT2 = u16le(130);
    /** Command retry delay time 3. */
    public static final U16le CRDT3 = u16le(132);
    /** Controller reachability capabilities. */
    public static final U8 CRCAP = u8(134);
    /** Reserved, and fields not named here. */
    public static final Bytes RSVD135 = bytes(135, 105);
    /** Of the Management Interface. */
    public static final Bytes MI = bytes(240, 16);
    /** Optional admin command support. */
    public static final U16le OACS = u16le(256);
    /** Abort command limit, less one. */
    public static final U8 ACL = u8(258);
    /** Asynchronous event request limit, less one. */
    public static final U8 AERL = u8(259);
    /** Firmware updates: bit 0 slot 1 read only, 3:1 number of slots. */
    public static final U8 FRMW = u8(260);
    /** Log page attributes: bit 0 SMART by namespace, 1 effects log, 2 extended data (LPO), 5 supported pages log. */
    public static final U8 LPA = u8(261);
    /** Error log page entries, less one. */
    public static final U8 ELPE = u8(262);
    /** Number of power states, less one. */
    public static final U8 NPSS = u8(263);
    /** Admin vendor specific command configuration. */
    public static final U8 AVSCC = u8(264);
    /** Autonomous power state transition attributes. */
    public static final U8 APSTA = u8(265);
    /** Warning composite temperature threshold, kelvin. */
    public static final U16le WCTEMP = u16le(266);
    /** Critical composite temperature threshold, kelvin. */
    public static final U16le CCTEMP = u16le(268);
    /** Maximum time for firmware activation. */
    public static final U16le MTFA = u16le(270);
    /** Host memory buffer preferred size. */
    public static final U32le HMPRE = u32le(272);
    /** Host memory buffer minimum size. */
    public static final U32le HMMIN = u32le(276);
    /** Total NVM capacity, bytes. */
    public static final Bytes TNVMCAP = bytes(280, 16);
    /** Unallocated NVM capacity, bytes. */
    public static final Bytes UNVMCAP = bytes(296, 16);
    /** Replay protected memory block support. */
    public static final U32le RPMBS = u32le(312);
    /** Extended device self-test time. */
    public static final U16le EDSTT = u16le(316);
    /** Device self-test options. */
    public static final U8 DSTO = u8(318);
    /** Firmware update granularity. */
    public static final U8 FWUG = u8(319);
    /** Keep Alive support: granularity of the timer in 100 ms; 0 for none. */
    public static final U16le KAS = u16le(320);
    /** Host controlled thermal management attributes. */
    public static final U16le HCTMA = u16le(322);
    /** Minimum thermal management temperature. */
    public static final U16le MNTMT = u16le(324);
    /** Maximum thermal management temperature. */
    public static final U16le MXTMT = u16le(326);
    /** Sanitize capabilities. */
    public static final U32le SANICAP = u32le(328);
    /** Host memory buffer minimum descriptor entry size. */
    public static final U32le HMMINDS = u32le(332);
    /** Host memory maximum descriptors entries. */
    public static final U16le HMMAXD = u16le(336);
    /** NVM set identifier maximum. */
    public static final U16le NSETIDMAX = u16le(338);
    /** Endurance group identifier maximum. */
    public static final U16le ENDGIDMAX = u16le(340);
    /** ANA transition time, seconds. */
    public static final U8 ANATT = u8(342);
    /** Asymmetric namespace access capabilities: bits 4:0 states reported, 6 groups of namespaces stay. */
    public static final U8 ANACAP = u8(343);
    /** ANA group identifier maximum. */
    public static final U32le ANAGRPMAX = u32le(344);
    /** Number of ANA group identifiers. */
    public static final U32le NANAGRPID = u32le(348);
    /** Persistent event log size. */
    public static final U32le PELS = u32le(352);
    /** Domain identifier. */
    public static final U16le DID = u16le(356);
    /** Reserved, and fields not named here. */
    public static final Bytes RSVD358 = bytes(358, 154);
    /** Submission queue entry size: 3:0 required, 7:4 maximum, powers of two. */
    public static final U8 SQES = u8(512);
    /** Completion queue entry size: 3:0 required, 7:4 maximum, powers of two. */
    public static final U8 CQES = u8(513);
    /** Maximum outstanding commands of a queue; required of Fabrics. */
    public static final U16le MAXCMD = u16le(514);
    /** Number of namespaces: the highest identifier. */
    public static final U32le NN = u32le(516);
    /** Optional NVM command support: bit 0 Compare, 2 Dataset Management, 3 Write Zeroes. */
    public static final U16le ONCS = u16le(520);
    /** Fused operation support. */
    public static final U16le FUSES = u16le(522);
    /** Format NVM attributes. */
    public static final U8 FNA = u8(524);
    /** Volatile write cache: bit 0 present, 2:1 Flush of all namespaces (10b no, 11b yes). */
    public static final U8 VWC = u8(525);
    /** Atomic write unit normal, less one. */
    public static final U16le AWUN = u16le(526);
    /** Atomic write unit power fail, less one. */
    public static final U16le AWUPF = u16le(528);
    /** I/O command set vendor specific command configuration. */
    public static final U8 ICSVSCC = u8(530);
    /** Namespace write protection capabilities. */
    public static final U8 NWPC = u8(531);
    /** Atomic compare and write unit, less one. */
    public static final U16le ACWU = u16le(532);
    /** Copy descriptor formats supported. */
    public static final U16le CDFS = u16le(534);
    /** SGL support: 1:0 supported (01b any alignment), 2 keyed, 20 offsets in SGLs. */
    public static final U32le SGLS = u32le(536);
    /** Maximum number of allowed namespaces. */
    public static final U32le MNAN = u32le(540);
    /** Reserved, and fields not named here. */
    public static final Bytes RSVD544 = bytes(544, 224);
    /** NVM subsystem NVMe qualified name. */
    public static final Text SUBNQN = utf8(768, 256);
    /** Reserved. */
    public static final Bytes RSVD1024 = bytes(1024, 768);
    /** Fabrics: I/O queue command capsule supported size, 16 bytes. */
    public static final U32le IOCCSZ = u32le(1792);
    /** Fabrics: I/O queue response capsule supported size, 16 bytes. */
    public static final U32le IORCSZ = u32le(1796);
    /** Fabrics: in capsule data offset, 16 bytes. */
    public static final U16le ICDOFF = u16le(1800);
    /** Fabrics: controller attributes: bit 0 static controller model. */
    public static final U8 FCATT = u8(1802);
    /** Fabrics: maximum SGL data block descriptors. */
    public static final U8 MSDBD = u8(1803);
    /** Fabrics: optional commands: bit 0 Disconnect. */
    public static final U16le OFCS = u16le(1804);
    /** Discovery controller type. */
    public static final U8 DCTYPE = u8(1806);
    /** Reserved. */
    public static final Bytes RSVD1807 = bytes(1807, 241);
    /** 32 power state descriptors of 32 bytes; the first 16 bits of each are the maximum power. */
    public static final Bytes PSD = bytes(2048, 1024);
    /** Vendor specific. */
    public static final Bytes VS = bytes(3072, 1024);

    /** {@link #CNTRLTYPE}: I/O controller. */
    public static final int CNTRLTYPE_IO = 1;
    /** {@link #CNTRLTYPE}: discovery controller. */
    public static final int CNTRLTYPE_DISCOVERY = 2;
}
