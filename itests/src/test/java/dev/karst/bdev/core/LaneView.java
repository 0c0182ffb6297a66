package dev.karst.bdev.core;

import dev.karst.bdev.core.fence.Faults;
import dev.karst.reactor.Reactor;

/** What nobody outside of the block layer sees of a device on one reactor: the storm holds it against what is promised. */
public final class LaneView {
    private final Lane lane;

    private LaneView(Lane lane) {
        this.lane = lane;
    }

    /** Of a device that is there. */
    public static LaneView of(BlockLayer layer, String device, Reactor reactor) {
        return new LaneView(((CoreBdev) layer.find(device).orElseThrow()).lane(reactor));
    }

    /** Sets how many faults fence a module; 0 for never. */
    public static void fenceAt(BlockLayer layer, int faults) {
        BlockLayer.Settings now = layer.settings();
        layer.settings(new BlockLayer.Settings(now.parkTimeoutMs(), now.drainTimeoutMs(), now.ioDepthPerChannel(),
            now.ioTimeoutMs(), now.ioTimeoutAction(), new Faults.Limits(faults, 60_000, 10_000)));
    }

    /** Whether I/O may go to the module. */
    public boolean isOpen() {
        return lane.gate.isOpen();
    }

    /** What is held although nothing is in flight; nothing when empty. */
    public String leftovers() {
        String found = lane.locks.isHeld() ? " a range lock" : "";
        found += lane.waiting.size() > 0 ? " " + lane.waiting.size() + " waiting I/Os" : "";
        found += lane.gate.quarantined() > 0 ? " " + lane.gate.quarantined() + " I/Os of modules that went" : "";
        return found + (lane.inner.inFlight() > 0 ? " " + lane.inner.inFlight() + " I/Os of its own" : "");
    }
}
