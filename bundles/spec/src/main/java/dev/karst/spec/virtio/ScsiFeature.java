package dev.karst.spec.virtio;

/** Feature bits of a SCSI host. VIRTIO 1.2, 5.6.3. */
public final class ScsiFeature {
    /** A request may have data both ways. */
    public static final long INOUT = 1L;
    /** The device tells of targets that come and go. */
    public static final long HOTPLUG = 1L << 1;
    /** The device tells of logical units that change. */
    public static final long CHANGE = 1L << 2;

    private ScsiFeature() {}
}
