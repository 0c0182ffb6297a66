package dev.karst.spec.virtio;

import dev.karst.base.Struct;

/** The configuration of a block device: 60 bytes. VIRTIO 1.2, 5.2.4. */
public final class BlkConfig extends Struct {
    public static final int BYTES = 60;

    /** In sectors of 512 bytes, as all here whose name does not say otherwise. */
    public static final U64le CAPACITY = u64le(0);
    /** Bytes of a segment. */
    public static final U32le SIZE_MAX = u32le(8);
    /** Segments of a request. */
    public static final U32le SEG_MAX = u32le(12);
    public static final U16le CYLINDERS = u16le(16);
    public static final U8 HEADS = u8(18);
    public static final U8 SECTORS = u8(19);
    /** In bytes. */
    public static final U32le BLK_SIZE = u32le(20);
    /** Logical blocks of a physical one, as the exponent of 2. */
    public static final U8 PHYSICAL_BLOCK_EXP = u8(24);
    public static final U8 ALIGNMENT_OFFSET = u8(25);
    /** In logical blocks, as the next. */
    public static final U16le MIN_IO_SIZE = u16le(26);
    public static final U32le OPT_IO_SIZE = u32le(28);
    public static final U8 WRITEBACK = u8(32);
    public static final U8 UNUSED0 = u8(33);
    public static final U16le NUM_QUEUES = u16le(34);
    public static final U32le MAX_DISCARD_SECTORS = u32le(36);
    public static final U32le MAX_DISCARD_SEG = u32le(40);
    public static final U32le DISCARD_SECTOR_ALIGNMENT = u32le(44);
    public static final U32le MAX_WRITE_ZEROES_SECTORS = u32le(48);
    public static final U32le MAX_WRITE_ZEROES_SEG = u32le(52);
    public static final U8 WRITE_ZEROES_MAY_UNMAP = u8(56);
    public static final Bytes UNUSED1 = bytes(57, 3);

    private BlkConfig() {}
}
