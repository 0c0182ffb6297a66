package dev.karst.spec.vfiouser;

import dev.karst.base.Struct;

/**
 * DEVICE_GET_REGION_INFO, command and reply: 32 bytes, behind them capabilities; the descriptor of a region that can be mapped goes
 * along with the reply. vfio-user, VFIO_USER_DEVICE_GET_REGION_INFO; Linux, struct vfio_region_info.
 */
public final class RegionInfo extends Struct {
    public static final int BYTES = 32;

    /** Bytes of the whole payload, of which the reply may have left some out. */
    public static final U32le ARGSZ = u32le(0);
    public static final Bits READ = bits(4, 4, 0, 1);
    public static final Bits WRITE = bits(4, 4, 1, 1);
    public static final Bits MMAP = bits(4, 4, 2, 1);
    public static final Bits CAPS = bits(4, 4, 3, 1);
    public static final Bits RSVD = bits(4, 4, 4, 28);
    public static final U32le INDEX = u32le(8);
    /** Of the first capability, from the start of this figure. */
    public static final U32le CAP_OFFSET = u32le(12);
    public static final U64le SIZE = u64le(16);
    /** Of the region in the file that the descriptor stands for. */
    public static final U64le OFFSET = u64le(24);

    /** {@link #INDEX} of the configuration space; 0 to 5 are the base address registers. Linux, VFIO_PCI_CONFIG_REGION_INDEX. */
    public static final int INDEX_CONFIG = 7;

    private RegionInfo() {}
}
