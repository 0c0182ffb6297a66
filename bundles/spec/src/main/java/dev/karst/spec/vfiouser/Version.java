package dev.karst.spec.vfiouser;

import dev.karst.base.Struct;

/** VERSION, command and reply: 4 bytes; behind them a JSON object with NUL at its end, or nothing. vfio-user, VFIO_USER_VERSION. */
public final class Version extends Struct {
    public static final int BYTES = 4;

    public static final U16le MAJOR = u16le(0);
    public static final U16le MINOR = u16le(2);

    private Version() {}
}
