package dev.karst.spec.scsi;

import dev.karst.base.Struct;

/** The CDB of INQUIRY. SPC-5, 6.7. */
public final class InquiryCdb extends Struct {
    public static final int BYTES = 6;

    /** OPERATION CODE. */
    public static final U8 OPERATION_CODE = u8(0);
    /** EVPD: a page of vital product data is asked for. */
    public static final Bits EVPD = bits(1, 1, 0, 1);
    /** Reserved; bit 1 is the obsolete CMDDT. */
    public static final Bits RSVD1 = bits(1, 1, 1, 7);
    /** PAGE CODE. */
    public static final U8 PAGE_CODE = u8(2);
    /** ALLOCATION LENGTH. */
    public static final U16be ALLOCATION_LENGTH = u16be(3);
    /** CONTROL. */
    public static final U8 CONTROL = u8(5);
}
