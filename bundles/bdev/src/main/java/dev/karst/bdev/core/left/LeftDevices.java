package dev.karst.bdev.core.left;

import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.Memory;
import dev.karst.env.Region;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Optional;

/** Keeps devices in named memory, which outlives the bundle of the block layer. Control threads. */
public final class LeftDevices {
    private static final System.Logger LOG = System.getLogger(LeftDevices.class.getName());
    private static final String NAME = "bdev.left";

    private LeftDevices() {}

    /** Keeps them until somebody {@linkplain #take takes} them. */
    public static void leave(Memory memory, List<LeftDevice> devices) {
        if (devices.isEmpty()) {
            return;
        }
        byte[] form = LeftForm.write(devices);
        try {
            Region region = memory.named(NAME, form.length + Integer.BYTES);
            Mem.setInt(region.address(), form.length);
            Mem.put(region.address() + Integer.BYTES, form, 0, form.length);
        } catch (StorageException e) {
            LOG.log(Level.WARNING, "The next block layer will not have the {0} block devices of this one: {1}", devices.size(),
                e.getMessage());
        }
    }

    /** What was left, in the order in which it was made; once. What another version left and this one cannot read is dropped. */
    public static List<LeftDevice> take(Memory memory) {
        Optional<Region> left = memory.regions().stream().filter(region -> region.name().equals(NAME)).findAny();
        if (left.isEmpty()) {
            return List.of();
        }
        byte[] form = new byte[Mem.getInt(left.get().address())];
        Mem.get(left.get().address() + Integer.BYTES, form, 0, form.length);
        memory.free(left.get());
        try {
            return LeftForm.read(form);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "The block devices that the last block layer left are not brought back: {0}", e.getMessage());
            return List.of();
        }
    }
}
