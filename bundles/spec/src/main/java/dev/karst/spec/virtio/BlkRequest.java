package dev.karst.spec.virtio;

import dev.karst.base.Struct;

/** What a request to a block device begins with: 16 bytes; data follow, and a status. VIRTIO 1.2, 5.2.6. */
public final class BlkRequest extends Struct {
    public static final int BYTES = 16;

    public static final U32le TYPE = u32le(0);
    public static final U32le RESERVED = u32le(4);
    /** Of 512 bytes, whatever the block size is. */
    public static final U64le SECTOR = u64le(8);

    public static final int SECTOR_BYTES = 512;
    /** Bytes of what {@link #T_GET_ID} reads. */
    public static final int ID_BYTES = 20;

    /** {@link #TYPE} */
    public static final int T_IN = 0;
    public static final int T_OUT = 1;
    public static final int T_FLUSH = 4;
    public static final int T_GET_ID = 8;
    public static final int T_DISCARD = 11;
    public static final int T_WRITE_ZEROES = 13;

    /** The status, one byte. */
    public static final int S_OK = 0;
    public static final int S_IOERR = 1;
    public static final int S_UNSUPP = 2;

    private BlkRequest() {}
}
