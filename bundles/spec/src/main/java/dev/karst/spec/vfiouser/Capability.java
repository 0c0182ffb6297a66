package dev.karst.spec.vfiouser;

import dev.karst.base.Struct;

/** What a capability of a region begins with: 8 bytes. Linux, struct vfio_info_cap_header. */
public final class Capability extends Struct {
    public static final int BYTES = 8;

    public static final U16le ID = u16le(0);
    public static final U16le VERSION = u16le(2);
    /** Of the next, from the start of the {@link RegionInfo}; 0 for none. */
    public static final U32le NEXT = u32le(4);

    /** {@link #ID}: {@link SparseMmap}. Linux, VFIO_REGION_INFO_CAP_SPARSE_MMAP. */
    public static final int SPARSE_MMAP = 1;

    private Capability() {}
}
