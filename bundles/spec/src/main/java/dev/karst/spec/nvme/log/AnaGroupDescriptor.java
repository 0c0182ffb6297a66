package dev.karst.spec.nvme.log;

import dev.karst.base.Struct;

/**
 * A group in the Asymmetric Namespace Access log page: 32 bytes; the identifiers of its namespaces follow, 4 bytes
 * each. NVMe Base 2.1, 5.1.12.1.13.
 */
public final class AnaGroupDescriptor extends Struct {
    public static final int BYTES = 32;

    /** ANA group identifier. */
    public static final U32le AGID = u32le(0);
    /** Number of namespace identifiers that follow. */
    public static final U32le NNV = u32le(4);
    /** Change count of the group. */
    public static final U64le CHGCNT = u64le(8);
    /** State, one of those below. */
    public static final U8 ANAS = u8(16);
    /** Reserved. */
    public static final Bytes RSVD17 = bytes(17, 15);

    /** {@link #ANAS}: optimized. */
    public static final int OPTIMIZED = 0x1;
    /** {@link #ANAS}: non-optimized. */
    public static final int NON_OPTIMIZED = 0x2;
    /** {@link #ANAS}: inaccessible. */
    public static final int INACCESSIBLE = 0x3;
    /** {@link #ANAS}: persistent loss. */
    public static final int PERSISTENT_LOSS = 0x4;
    /** {@link #ANAS}: changing. */
    public static final int CHANGE = 0xf;
}
