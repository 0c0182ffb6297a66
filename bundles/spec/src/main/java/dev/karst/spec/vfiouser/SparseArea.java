package dev.karst.spec.vfiouser;

import dev.karst.base.Struct;

/** A part of a region that can be mapped: 16 bytes. Linux, struct vfio_region_sparse_mmap_area. */
public final class SparseArea extends Struct {
    public static final int BYTES = 16;

    /** In the region. */
    public static final U64le OFFSET = u64le(0);
    public static final U64le SIZE = u64le(8);

    private SparseArea() {}
}
