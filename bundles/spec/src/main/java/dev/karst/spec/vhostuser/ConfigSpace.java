package dev.karst.spec.vhostuser;

import dev.karst.base.Struct;

/** A part of the configuration space, which follows: 12 bytes. vhost-user, Virtio device config space. */
public final class ConfigSpace extends Struct {
    public static final int BYTES = 12;

    public static final U32le OFFSET = u32le(0);
    public static final U32le SIZE = u32le(4);
    public static final U32le FLAGS = u32le(8);

    private ConfigSpace() {}
}
