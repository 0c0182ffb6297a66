package dev.karst.spec.nvme;

import dev.karst.base.Struct;

/**
 * Head of a namespace identification descriptor, CNS 03h: 4 bytes; the identifier follows. A length of 0 ends the
 * list. NVMe Base 2.1, 5.1.13.2.3.
 */
public final class NamespaceDescriptor extends Struct {
    public static final int BYTES = 4;

    /** Namespace identifier type. */
    public static final U8 NIDT = u8(0);
    /** Namespace identifier length. */
    public static final U8 NIDL = u8(1);
    /** Reserved. */
    public static final U16le RSVD2 = u16le(2);

    /** {@link #NIDT}: EUI-64, 8 bytes. */
    public static final int NIDT_EUI64 = 0x01;
    /** {@link #NIDT}: NGUID, 16 bytes. */
    public static final int NIDT_NGUID = 0x02;
    /** {@link #NIDT}: UUID, 16 bytes. */
    public static final int NIDT_UUID = 0x03;
    /** {@link #NIDT}: command set identifier, 1 byte. */
    public static final int NIDT_CSI = 0x04;
}
