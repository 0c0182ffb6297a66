package dev.karst.spec.vfiouser;

import dev.karst.base.Struct;

/** Which parts of a region can be mapped: 16 bytes, then {@link SparseArea}s. Linux, struct vfio_region_info_cap_sparse_mmap. */
public final class SparseMmap extends Struct {
    public static final int BYTES = 16;

    public static final Bytes CAPABILITY = bytes(0, Capability.BYTES);
    public static final U32le NR_AREAS = u32le(8);
    public static final U32le RSVD = u32le(12);

    private SparseMmap() {}
}
