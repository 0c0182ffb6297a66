package dev.karst.spec.nvme.log;

import dev.karst.base.Struct;

/** Commands Supported and Effects log page, LID 05h: 4096 bytes. NVMe Base 2.1, 5.1.12.1.6. */
public final class EffectsLog extends Struct {
    public static final int BYTES = 4096;

    /** A dword for each admin opcode. */
    public static final Bytes ACS = bytes(0, 1024);
    /** A dword for each I/O opcode. */
    public static final Bytes IOCS = bytes(1024, 1024);
    /** Reserved. */
    public static final Bytes RSVD2048 = bytes(2048, 2048);

    /** Dword of an opcode: command supported. */
    public static final int CSUPP = 1;
    /** Dword of an opcode: logical blocks may change. */
    public static final int LBCC = 2;
    /** Dword of an opcode: namespace capabilities may change. */
    public static final int NCC = 4;
    /** Dword of an opcode or a feature: its scope is a namespace. */
    public static final int SCOPE_NAMESPACE = 1 << 20;
    /** Dword of an opcode or a feature: its scope is a controller. */
    public static final int SCOPE_CONTROLLER = 1 << 21;
}
