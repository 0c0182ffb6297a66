package dev.karst.spec.nvme;

import dev.karst.base.Struct;

/** Identify command: 64 bytes. NVMe Base 2.1, 5.1.13. */
public final class IdentifyCommand extends Struct {
    public static final int BYTES = 64;

    /** Command dwords 0 to 9, see {@link Sqe}. */
    public static final Bytes COMMON = bytes(0, 40);
    /** Controller or Namespace Structure. */
    public static final U8 CNS = u8(40);
    /** Reserved. */
    public static final U8 RSVD41 = u8(41);
    /** Controller identifier. */
    public static final U16le CNTID = u16le(42);
    /** CNS specific identifier. */
    public static final U16le CNSSID = u16le(44);
    /** Reserved. */
    public static final U8 RSVD46 = u8(46);
    /** Command set identifier. */
    public static final U8 CSI = u8(47);
    /** Reserved. */
    public static final Bytes CDW12 = bytes(48, 8);
    /** UUID index. */
    public static final U32le UUIDX = u32le(56);
    /** Reserved. */
    public static final U32le CDW15 = u32le(60);

    /** {@link #CNS}: namespace, NVM command set: {@link IdentifyNamespace}. */
    public static final int CNS_NAMESPACE = 0x00;
    /** {@link #CNS}: controller: {@link IdentifyController}. */
    public static final int CNS_CONTROLLER = 0x01;
    /** {@link #CNS}: active namespace identifiers above NSID, 1024 of them. */
    public static final int CNS_ACTIVE_NAMESPACES = 0x02;
    /** {@link #CNS}: list of {@link NamespaceDescriptor}. */
    public static final int CNS_NAMESPACE_DESCRIPTORS = 0x03;
    /** {@link #CNS}: namespace, specific to an I/O command set: {@link IdentifyNvmNamespace}. */
    public static final int CNS_COMMAND_SET_NAMESPACE = 0x05;
    /** {@link #CNS}: controller, specific to an I/O command set: {@link IdentifyNvmController}. */
    public static final int CNS_COMMAND_SET_CONTROLLER = 0x06;
    /** {@link #CNS}: as 02h, of one I/O command set. */
    public static final int CNS_COMMAND_SET_ACTIVE_NAMESPACES = 0x07;
    /** {@link #CNS}: namespace, independent of command sets: {@link IdentifyIndependentNamespace}. */
    public static final int CNS_INDEPENDENT_NAMESPACE = 0x08;
    /** {@link #CNS}: allocated namespace identifiers above NSID, 1024 of them. */
    public static final int CNS_ALLOCATED_NAMESPACES = 0x10;
    /** {@link #CNS}: as 00h, of an allocated namespace. */
    public static final int CNS_ALLOCATED_NAMESPACE = 0x11;
    /** {@link #CNS}: controllers that a namespace is attached to, from CNTID on. */
    public static final int CNS_NAMESPACE_CONTROLLERS = 0x12;
    /** {@link #CNS}: controllers of the subsystem, from CNTID on. */
    public static final int CNS_CONTROLLERS = 0x13;
    /** {@link #CNS}: I/O command set combinations, 512 of 8 bytes. */
    public static final int CNS_COMMAND_SETS = 0x1c;
    /** Length of the data of every CNS. */
    public static final int DATA_BYTES = 4096;
    /** Most identifiers of a controller list, which begins with their number; 2 bytes each. */
    public static final int CONTROLLER_LIST_ENTRIES = 2047;
    /** Most identifiers of a namespace list. */
    public static final int LIST_ENTRIES = 1024;
    /** {@link #CSI}: NVM command set. */
    public static final int CSI_NVM = 0x00;
    /** {@link #CSI}: zoned namespaces. */
    public static final int CSI_ZONED = 0x02;
}
