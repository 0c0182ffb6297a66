package dev.karst.spec.vfiouser;

import dev.karst.base.Struct;

/** What each message begins with: 16 bytes. vfio-user, Header. */
public final class Header extends Struct {
    public static final int BYTES = 16;

    /** Message ID; a reply has that of its command. */
    public static final U16le ID = u16le(0);
    public static final U16le COMMAND = u16le(2);
    /** Bytes of the message, this header included. */
    public static final U32le SIZE = u32le(4);
    public static final Bits TYPE = bits(8, 4, 0, 4);
    public static final Bits NO_REPLY = bits(8, 4, 4, 1);
    public static final Bits ERROR = bits(8, 4, 5, 1);
    public static final Bits RSVD = bits(8, 4, 6, 26);
    /** Error number of the peer's, which may be 0 although ERROR is set. */
    public static final U32le ERRNO = u32le(12);

    /** {@link #TYPE} */
    public static final int TYPE_COMMAND = 0;
    public static final int TYPE_REPLY = 1;

    /** {@link #COMMAND} */
    public static final int VERSION = 1;
    public static final int DMA_MAP = 2;
    public static final int DMA_UNMAP = 3;
    public static final int DEVICE_GET_INFO = 4;
    public static final int DEVICE_GET_REGION_INFO = 5;
    public static final int DEVICE_GET_IRQ_INFO = 7;
    public static final int DEVICE_SET_IRQS = 8;
    public static final int REGION_READ = 9;
    public static final int REGION_WRITE = 10;
    public static final int DMA_READ = 11;
    public static final int DMA_WRITE = 12;
    public static final int DEVICE_RESET = 13;

    private Header() {}
}
