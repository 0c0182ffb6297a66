package dev.karst.nvme.core.ring;

import dev.karst.env.DmaMap;
import dev.karst.env.PciDevice;

/** What the rings of one controller share. */
interface RingDevice {
    PciDevice pci();

    /** Where the device finds memory: the process's, and perhaps its own. */
    DmaMap dma();

    /** The controller's own memory; null when no use is made of it. */
    OwnMemory own();

    /** The doorbells of that queue. */
    Doorbells doorbells(int qid);

    /** Whether the controller takes SGLs. */
    boolean sgl();
}
