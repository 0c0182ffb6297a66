package dev.karst.spec.virtio;

import dev.karst.base.Struct;

/** What DISCARD and WRITE_ZEROES are about: 16 bytes. VIRTIO 1.2, 5.2.6, struct virtio_blk_discard_write_zeroes. */
public final class BlkRange extends Struct {
    public static final int BYTES = 16;

    public static final U64le SECTOR = u64le(0);
    public static final U32le NUM_SECTORS = u32le(8);
    /** For WRITE_ZEROES: the blocks may be given back. */
    public static final Bits UNMAP = bits(12, 4, 0, 1);
    public static final Bits RSVD = bits(12, 4, 1, 31);

    private BlkRange() {}
}
