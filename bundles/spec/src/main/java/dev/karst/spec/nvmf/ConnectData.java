package dev.karst.spec.nvmf;

import dev.karst.base.Struct;

/** Data of the Connect command: 1024 bytes. NVMe Base 2.1, 6.3. */
public final class ConnectData extends Struct {
    public static final int BYTES = 1024;

    /** Host identifier. */
    public static final Bytes HOSTID = bytes(0, 16);
    /** Controller ID; FFFFh asks for any. */
    public static final U16le CNTLID = u16le(16);
    /** Reserved. */
    public static final Bytes RSVD18 = bytes(18, 238);
    /** NVM subsystem NVMe qualified name. */
    public static final Text SUBNQN = utf8(256, 256);
    /** Host NVMe qualified name. */
    public static final Text HOSTNQN = utf8(512, 256);
    /** Reserved. */
    public static final Bytes RSVD768 = bytes(768, 256);

    /** {@link #CNTLID}: whichever is free (dynamic controller model). */
    public static final int CNTLID_ANY = 0xffff;
}
