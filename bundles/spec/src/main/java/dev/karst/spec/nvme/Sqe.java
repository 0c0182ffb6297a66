package dev.karst.spec.nvme;

import dev.karst.base.Struct;

/**
 * Submission Queue Entry, common format: 64 bytes, little endian. NVMe Base 2.1, 4.1.
 *
 * <pre>
 *      3               2               1               0
 * +---------------+-------+-------+-------+---------------+
 * |              CID              |P| 0 |F|      OPC      |  0   P = PSDT, F = FUSE
 * |                         NSID                          |  4
 * |                         CDW2                          |  8
 * |                         CDW3                          | 12
 * |                     MPTR (8 bytes)                    | 16
 * |          DPTR (16 bytes), here an SGL descriptor      | 24
 * |                    CDW10 ... CDW15                    | 40
 * +-------------------------------------------------------+
 * </pre>
 */
public final class Sqe extends Struct {
    public static final int BYTES = 64;

    /** Opcode. */
    public static final U8 OPC = u8(0);
    /** Fused operation: 00b normal, 01b first, 10b second. */
    public static final Bits FUSE = bits(1, 1, 0, 2);
    /** Reserved. */
    public static final Bits RSVD1 = bits(1, 1, 2, 4);
    /** PRP or SGL for data transfer: 01b SGL with a metadata buffer, 10b SGL with a metadata segment. */
    public static final Bits PSDT = bits(1, 1, 6, 2);
    /** Command identifier. */
    public static final U16le CID = u16le(2);
    /** Namespace identifier. */
    public static final U32le NSID = u32le(4);
    /** Command dword 2. */
    public static final U32le CDW2 = u32le(8);
    /** Command dword 3. */
    public static final U32le CDW3 = u32le(12);
    /** Metadata pointer. */
    public static final U64le MPTR = u64le(16);
    /** Data pointer as an SGL descriptor: address, or offset. */
    public static final U64le SGL1_ADDRESS = u64le(24);
    /** Data pointer as an SGL descriptor: length in bytes. */
    public static final U32le SGL1_LENGTH = u32le(32);
    /** Data pointer as an SGL descriptor: reserved (a key in keyed descriptors). */
    public static final Bytes SGL1_RSVD = bytes(36, 3);
    /** Data pointer as an SGL descriptor: sub-type. */
    public static final Bits SGL1_SUBTYPE = bits(39, 1, 0, 4);
    /** Data pointer as an SGL descriptor: type. */
    public static final Bits SGL1_TYPE = bits(39, 1, 4, 4);
    /** Command dword 10. */
    public static final U32le CDW10 = u32le(40);
    /** Command dword 11. */
    public static final U32le CDW11 = u32le(44);
    /** Command dword 12. */
    public static final U32le CDW12 = u32le(48);
    /** Command dword 13. */
    public static final U32le CDW13 = u32le(52);
    /** Command dword 14. */
    public static final U32le CDW14 = u32le(56);
    /** Command dword 15. */
    public static final U32le CDW15 = u32le(60);

    /** {@link #FUSE}: the first of two. */
    public static final int FUSE_FIRST = 1;
    /** {@link #FUSE}: the second of two. */
    public static final int FUSE_SECOND = 2;
    /** {@link #PSDT}: SGL; the metadata pointer is one buffer. The only value that Fabrics allow beside 10b. */
    public static final int PSDT_SGL = 1;
    /** {@link #PSDT}: SGL; the metadata pointer is an SGL segment. */
    public static final int PSDT_SGL_METADATA = 2;

    /** {@link #SGL1_TYPE}: data block. NVMe Base 2.1, 4.3.2. */
    public static final int SGL_DATA_BLOCK = 0x0;
    /** {@link #SGL1_TYPE}: bit bucket. */
    public static final int SGL_BIT_BUCKET = 0x1;
    /** {@link #SGL1_TYPE}: segment. */
    public static final int SGL_SEGMENT = 0x2;
    /** {@link #SGL1_TYPE}: last segment. */
    public static final int SGL_LAST_SEGMENT = 0x3;
    /** {@link #SGL1_TYPE}: keyed data block. */
    public static final int SGL_KEYED_DATA_BLOCK = 0x4;
    /** {@link #SGL1_TYPE}: transport data block. */
    public static final int SGL_TRANSPORT_DATA_BLOCK = 0x5;
    /** {@link #SGL1_SUBTYPE}: the address is an address. */
    public static final int SGL_ADDRESS = 0x0;
    /** {@link #SGL1_SUBTYPE}: the address is an offset, of data within the capsule. */
    public static final int SGL_OFFSET = 0x1;
    /** {@link #SGL1_SUBTYPE}: the transport knows where the data goes. */
    public static final int SGL_TRANSPORT = 0xa;

    /** {@link #NSID} that stands for all namespaces. */
    public static final long NSID_ALL = 0xffff_ffffL;
}
