package dev.karst.nvme.core.ring;

import dev.karst.env.PciDevice;

/** What the rings of one controller share. */
interface RingDevice {
    PciDevice pci();

    /** The doorbells of that queue. */
    Doorbells doorbells(int qid);

    /** Whether the controller takes SGLs. */
    boolean sgl();
}
