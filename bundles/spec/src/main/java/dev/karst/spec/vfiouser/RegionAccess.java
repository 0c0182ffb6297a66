package dev.karst.spec.vfiouser;

import dev.karst.base.Struct;

/**
 * REGION_READ and REGION_WRITE, command and reply: 16 bytes, behind them the data where there is any. vfio-user, VFIO_USER_REGION_READ,
 * VFIO_USER_REGION_WRITE.
 */
public final class RegionAccess extends Struct {
    public static final int BYTES = 16;

    public static final U64le OFFSET = u64le(0);
    public static final U32le REGION = u32le(8);
    public static final U32le COUNT = u32le(12);

    private RegionAccess() {}
}
