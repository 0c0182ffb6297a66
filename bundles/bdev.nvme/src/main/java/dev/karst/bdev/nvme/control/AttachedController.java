package dev.karst.bdev.nvme.control;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.nvme.io.ControllerPath;
import dev.karst.bdev.nvme.io.NamespacePath;
import dev.karst.nvme.NvmeController;
import dev.karst.nvme.NvmeController.State;
import dev.karst.nvme.NvmeEvents;
import dev.karst.nvme.NvmeNamespace;
import dev.karst.nvme.NvmeQueuePair;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Reactors;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** One controller under its name. In turn. */
public final class AttachedController {
    private static final System.Logger LOG = System.getLogger(AttachedController.class.getName());
    private static final long NANOS_PER_MS = 1_000_000;
    private static final long FIRST_TRY_NANOS = 50 * NANOS_PER_MS;
    private static final long LONGEST_TRY_NANOS = 1_000 * NANOS_PER_MS;

    private final Attachment attachment;
    private final ControllerPath path;
    /** Its namespaces that are paths of devices, by number. */
    private final Map<Integer, NamespacePath> namespaces = new TreeMap<>();
    private NvmeEvents events;
    private volatile boolean disabled;
    /** Whether it was tried once more after its connection was lost. */
    private boolean triedAgain;
    private long nextTryNanos = FIRST_TRY_NANOS;

    AttachedController(Attachment attachment, int reactors) {
        this.attachment = attachment;
        path = new ControllerPath(reactors);
    }

    public Attachment attachment() {
        return attachment;
    }

    /** Null while it is not attached. Any thread. */
    public NvmeController controller() {
        return path.controller();
    }

    /** How reactors see it. */
    public ControllerPath path() {
        return path;
    }

    Map<Integer, NamespacePath> namespaces() {
        return namespaces;
    }

    /** Its namespaces, as far as they are known. */
    List<NvmeNamespace> known() {
        NvmeController now = controller();
        return now == null ? List.of() : now.namespaces();
    }

    boolean isReady() {
        NvmeController now = controller();
        return now != null && now.state() == State.READY;
    }

    /** Whether it is detached on purpose, and kept. Any thread. */
    public boolean isDisabled() {
        return disabled;
    }

    void disable(boolean disabled) {
        this.disabled = disabled;
    }

    /** What SPDK calls its state. Any thread. */
    public String state() {
        NvmeController now = controller();
        if (now == null) {
            return disabled ? "disabled" : "failed";
        }
        return switch (now.state()) {
            case READY -> "enabled";
            case RESETTING -> "resetting";
            case RECONNECTING -> "reconnect_is_delayed";
            case FAILED -> "failed";
            case REMOVED, DETACHED -> State.REMOVED.name().toLowerCase(Locale.ROOT);
        };
    }

    /** It is attached. */
    void take(NvmeController controller, NvmeEvents events) {
        this.events = events;
        path.controller(controller);
        controller.watch(events);
        path.keeps();
        nextTryNanos = FIRST_TRY_NANOS;
    }

    /** Lets go of it, but leaves it attached; closes what queue pairs there are. */
    void leave() {
        NvmeController now = controller();
        if (now != null) {
            now.unwatch(events);
            closeQueues();
            path.controller(null);
        }
    }

    /** Has the driver detach it, with its queue pairs. */
    void detach() {
        NvmeController now = controller();
        if (now != null) {
            now.unwatch(events);
            for (int reactor = 0; reactor < path.reactors(); reactor++) {
                path.queue(reactor, null);
            }
            path.controller(null);
            now.detach();
        }
    }

    /** The connection is lost: I/O waits for as long as it shall. */
    void lost(long nowNanos) {
        long wait = attachment.loss().failIoMs();
        if (wait > 0) {
            path.failsAt(nowNanos + wait * NANOS_PER_MS);
        }
    }

    /** It is there again. */
    void returned() {
        triedAgain = false;
        path.keeps();
    }

    /** Whether it is worth to connect once more, after the driver gave it up; true only once. */
    boolean triesAgain() {
        boolean first = !triedAgain && attachment.loss().lossMs() == 0;
        triedAgain = true;
        return first;
    }

    /** After how long it is worth trying again to attach it: soon at first, then less and less often. */
    long nextTryNanos() {
        long next = nextTryNanos;
        nextTryNanos = Math.min(2 * next, LONGEST_TRY_NANOS);
        return next;
    }

    /** Opens the queue pairs that are missing, as far as there are any. */
    void openQueues(Reactors reactors) {
        if (!isReady()) {
            return;
        }
        path.exhausted(reactors.all().size() > attachment.queues());
        for (Reactor reactor : reactors.all()) {
            if (reactor.id() < attachment.queues() && path.queue(reactor) == null) {
                try {
                    path.queue(reactor.id(), controller().openQueuePair(reactor));
                } catch (StorageException e) {
                    LOG.log(Level.WARNING, "Reactor {0} has no way to {1}: {2}", reactor.id(), attachment.id(), e.getMessage());
                    path.exhausted(e.code() == -Errno.ENOSPC);
                    return;
                }
            }
        }
    }

    /** Closes its queue pairs; what is in flight ends, and goes another way if there is one. */
    void closeQueues() {
        for (int reactor = 0; reactor < path.reactors(); reactor++) {
            NvmeQueuePair queue = path.queue(reactor, null);
            if (queue != null && controller() != null) {
                try {
                    controller().closeQueuePair(queue);
                } catch (StorageException e) {
                    LOG.log(Level.WARNING, "A queue pair of {0} stays open: {1}", attachment.id(), e.getMessage());
                }
            }
        }
    }
}
