package dev.karst.bdev.nvme.io;

import dev.karst.base.ReactorConfined;
import dev.karst.nvme.AnaState;
import dev.karst.nvme.NvmeQueuePair;
import dev.karst.reactor.Reactor;

/** One way of one reactor to a namespace, with what went over it. */
@ReactorConfined
public final class IoPath {
    private final NamespacePath path;
    private final Reactor reactor;
    private final PathCounters counters = new PathCounters();

    IoPath(NamespacePath path, Reactor reactor) {
        this.path = path;
        this.reactor = reactor;
    }

    public NamespacePath path() {
        return path;
    }

    /** What went over it. */
    public PathCounters counters() {
        return counters;
    }

    /** Null while there is none. */
    NvmeQueuePair queue() {
        return path.controller().queue(reactor);
    }

    /** Whether its connection stands. */
    public boolean isConnected() {
        return path.controller().isConnected(reactor);
    }

    /** Whether the controller lets commands on the namespace pass. */
    public boolean isAccessible() {
        return path.isAccessible();
    }

    boolean isUsable() {
        return isConnected() && isAccessible();
    }

    boolean isOptimized() {
        return path.ana() == AnaState.OPTIMIZED;
    }

    boolean mayCome(long nowNanos) {
        return path.mayCome(reactor, nowNanos);
    }
}
