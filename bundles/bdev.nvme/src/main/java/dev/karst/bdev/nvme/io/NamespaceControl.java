package dev.karst.bdev.nvme.io;

import java.util.function.IntConsumer;

/** What the I/O path asks of the control plane. Called on reactors, returns at once. */
public interface NamespaceControl {
    /** Resets the controllers of all paths of the device, and then tells the status; on any thread. */
    void reset(NamespaceBdev bdev, IntConsumer done);

    /** A controller refused a command for its access to the namespace: its ANA log page says how it is now. */
    void accessChanged(NamespacePath path);

    /** The device is gone and no channel is open. Control threads. */
    void destroyed(NamespaceBdev bdev);
}
