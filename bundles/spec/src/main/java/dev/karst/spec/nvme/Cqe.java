package dev.karst.spec.nvme;

import dev.karst.base.Struct;

/**
 * Completion Queue Entry, common format: 16 bytes, little endian. NVMe Base 2.1, 4.2.
 *
 * <pre>
 *      3               2               1               0
 * +-------------------------------------------------------+
 * |                          DW0                          |  0
 * |                          DW1                          |  4
 * |             SQID              |         SQHD          |  8
 * |          STATUS             |P|          CID          | 12
 * +-------------------------------------------------------+
 * </pre>
 */
public final class Cqe extends Struct {
    public static final int BYTES = 16;

    /** Command specific. */
    public static final U32le DW0 = u32le(0);
    /** Command specific. */
    public static final U32le DW1 = u32le(4);
    /** SQ head pointer; on Fabrics FFFFh while flow control is disabled. */
    public static final U16le SQHD = u16le(8);
    /** SQ identifier; reserved on Fabrics. */
    public static final U16le SQID = u16le(10);
    /** Command identifier. */
    public static final U16le CID = u16le(12);
    /** Phase tag; 0 on Fabrics. */
    public static final Bits P = bits(14, 2, 0, 1);
    /** Status, as {@link NvmeStatus} has it. */
    public static final Bits STATUS = bits(14, 2, 1, 15);
}
