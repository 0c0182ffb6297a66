package dev.karst.bdev.core.left;

import dev.karst.base.StorageException;
import dev.karst.env.Keepsakes;
import dev.karst.env.Keepsakes.Keepsake;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;

/** Keeps devices where they outlive the bundle of the block layer, for an hour at the most. Control threads. */
public final class LeftDevices {
    private static final System.Logger LOG = System.getLogger(LeftDevices.class.getName());
    private static final String NAME = "bdev.devices";
    private static final long KEPT_MS = 3_600_000;

    private LeftDevices() {}

    /** Keeps them until somebody {@linkplain #take takes} them. */
    public static void leave(Keepsakes keepsakes, List<LeftDevice> devices) {
        if (devices.isEmpty()) {
            return;
        }
        try {
            keepsakes.put(new Keepsake(NAME, LeftForm.write(devices), null, null), KEPT_MS);
        } catch (StorageException e) {
            LOG.log(Level.WARNING, "The next block layer will not have the {0} block devices of this one: {1}", devices.size(),
                e.getMessage());
        }
    }

    /** What was left, in the order in which it was made; once. What another version left and this one cannot read is dropped. */
    public static List<LeftDevice> take(Keepsakes keepsakes) {
        List<LeftDevice> devices = new ArrayList<>();
        for (Keepsake left : keepsakes.take(NAME)) {
            try {
                devices.addAll(LeftForm.read(left.state()));
            } catch (StorageException e) {
                LOG.log(Level.WARNING, "The block devices that the last block layer left are not brought back: {0}", e.getMessage());
            }
        }
        return devices;
    }
}
