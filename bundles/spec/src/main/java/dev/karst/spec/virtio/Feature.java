package dev.karst.spec.virtio;

/** Feature bits that are no device type's own. VIRTIO 1.2, 6; the two of vhost are QEMU's, vhost-user protocol. */
public final class Feature {
    /** vhost: writes to the guest's memory go to the dirty log. */
    public static final long LOG_ALL = 1L << 26;
    public static final long RING_INDIRECT_DESC = 1L << 28;
    public static final long RING_EVENT_IDX = 1L << 29;
    /** vhost: there are protocol features. */
    public static final long PROTOCOL_FEATURES = 1L << 30;
    public static final long VERSION_1 = 1L << 32;
    public static final long RING_PACKED = 1L << 34;

    private Feature() {}
}
