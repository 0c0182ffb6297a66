package dev.karst.bdev.nvme.io;

import dev.karst.nvme.AnaState;
import dev.karst.nvme.TransportId;
import dev.karst.reactor.Reactor;

/** A namespace through one controller. Any thread. */
public final class NamespacePath {
    private final ControllerPath controller;
    private final TransportId id;
    private final int nsid;
    private volatile AnaState ana;

    /** The namespace of that number. */
    public NamespacePath(ControllerPath controller, TransportId id, int nsid, AnaState ana) {
        this.controller = controller;
        this.id = id;
        this.nsid = nsid;
        this.ana = ana;
    }

    public ControllerPath controller() {
        return controller;
    }

    /** Where the controller is. */
    public TransportId id() {
        return id;
    }

    public int nsid() {
        return nsid;
    }

    /** How the namespace can be reached, as far as is known. */
    public AnaState ana() {
        return ana;
    }

    /** It can be reached like that from now on. */
    public void ana(AnaState ana) {
        this.ana = ana;
    }

    /** Whether commands are taken in this state. */
    boolean isAccessible() {
        AnaState now = ana;
        return now == AnaState.OPTIMIZED || now == AnaState.NON_OPTIMIZED;
    }

    /** Whether I/O is kept for it while it takes none. */
    boolean mayCome(Reactor reactor, long nowNanos) {
        return ana != AnaState.PERSISTENT_LOSS && controller.mayCome(reactor, nowNanos);
    }
}
