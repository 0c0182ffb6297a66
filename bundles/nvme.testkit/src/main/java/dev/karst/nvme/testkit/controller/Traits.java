package dev.karst.nvme.testkit.controller;

import dev.karst.env.sim.SimRandom;
import dev.karst.nvme.testkit.command.DataPointer;

/** What a simulated controller is like; set before it is made. */
public final class Traits {
    /** Entries of an I/O queue, at most; CAP.MQES is one less. */
    public int queueEntries = 1024;
    /** I/O queue pairs. */
    public int queuePairs = 8;
    /** Interrupt vectors. */
    public int vectors = 9;
    /** CAP.DSTRD: doorbells are 4 shifted by this apart. */
    public int doorbellStride;
    /** CAP.TO, in 500 ms. */
    public int timeout = 20;
    /** MDTS: a power of two of pages of 4096 bytes; 0 for no limit. */
    public int maxTransfer = 5;
    /** Which SGLs it takes. */
    public DataPointer.Sgl sgl = DataPointer.Sgl.ANY;
    /** Whether it knows Doorbell Buffer Config. */
    public boolean shadowDoorbells;
    /** Bytes of controller memory buffer; 0 for none. */
    public int bufferBytes;
    /** Bytes of persistent memory region; 0 for none. */
    public int persistentBytes;
    /** AERL + 1. */
    public int eventRequests = 4;
    /** ACL + 1. */
    public int aborts = 4;
    /** Whether it reports ANA. */
    public boolean ana;
    /** Usual time from one step of a command to the next, nanoseconds. */
    public long usualNanos = 5_000;
    /** PCI vendor and device, for drivers that know of quirks. */
    public int vendor = 0x1b36;
    public int device = 0x0010;

    /** One of the many kinds that there are. */
    public static Traits any(SimRandom random) {
        Traits traits = new Traits();
        traits.queueEntries = 2 << random.below(10);
        traits.queuePairs = 1 + random.below(8);
        traits.vectors = 1 + random.below(9);
        traits.doorbellStride = random.oneIn(4) ? 1 + random.below(3) : 0;
        traits.maxTransfer = random.oneIn(4) ? 0 : 1 + random.below(6);
        traits.sgl = DataPointer.Sgl.values()[random.below(3)];
        traits.shadowDoorbells = random.oneIn(2);
        traits.bufferBytes = random.oneIn(3) ? 64 << 10 : 0;
        traits.persistentBytes = random.oneIn(4) ? 64 << 10 : 0;
        traits.eventRequests = 1 + random.below(8);
        traits.aborts = 1 + random.below(4);
        traits.ana = random.oneIn(2);
        traits.usualNanos = random.between(200, 20_000);
        return traits;
    }
}
