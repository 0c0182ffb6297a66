package dev.karst.spec.nvmf;

import dev.karst.base.Struct;

/** Property Get and Property Set commands: 64 bytes. NVMe Base 2.1, 6.5 and 6.6. */
public final class PropertyCommand extends Struct {
    public static final int BYTES = 64;

    /** Command dwords 0 to 9, see {@link FabricsCommand}. */
    public static final Bytes COMMON = bytes(0, 40);
    /** Attributes: 2:0 size of the property, 0 for 4 bytes, 1 for 8. */
    public static final U8 ATTRIB = u8(40);
    /** Reserved. */
    public static final Bytes RSVD41 = bytes(41, 3);
    /** Offset of the property. */
    public static final U32le OFST = u32le(44);
    /** Set: the value. */
    public static final U64le VALUE = u64le(48);
    /** Reserved. */
    public static final Bytes RSVD56 = bytes(56, 8);

    /** {@link #ATTRIB}: 4 bytes. */
    public static final int ATTRIB_4_BYTES = 0;
    /** {@link #ATTRIB}: 8 bytes. */
    public static final int ATTRIB_8_BYTES = 1;
}
