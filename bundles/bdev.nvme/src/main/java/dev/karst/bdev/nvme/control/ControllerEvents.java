package dev.karst.bdev.nvme.control;

import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.module.BdevHost;
import dev.karst.bdev.nvme.io.ControllerPath;
import dev.karst.bdev.nvme.io.NamespaceBdev;
import dev.karst.bdev.nvme.io.NamespaceControl;
import dev.karst.bdev.nvme.io.NamespacePath;
import dev.karst.nvme.NvmeController;
import dev.karst.nvme.NvmeController.State;
import dev.karst.nvme.NvmeEvents;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Timer;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.function.IntConsumer;

/** What controllers and reactors tell, dealt with in turn. */
final class ControllerEvents implements NvmeEvents, NamespaceControl {
    private static final System.Logger LOG = System.getLogger(ControllerEvents.class.getName());

    private final Controllers controllers;
    private final BdevHost host;
    private final Turns turns;

    ControllerEvents(Controllers controllers, BdevHost host, Turns turns) {
        this.controllers = controllers;
        this.host = host;
        this.turns = turns;
    }

    private void later(Runnable task) {
        host.environment().threads().background().execute(task);
    }

    // What controllers tell.

    @Override
    public void stateChanged(NvmeController controller, State state) {
        turns.event(() -> {
            AttachedController attached = controllers.find(controller);
            if (attached != null) {
                follow(attached, controller.state());
            }
        });
    }

    private void follow(AttachedController attached, State state) {
        ControllerGroup group = controllers.groupOf(attached);
        switch (state) {
            case READY -> {
                attached.returned();
                controllers.sync().follow(group);
                group.bdevs().keySet().forEach(nsid -> controllers.sync().publish(group, nsid));
            }
            case RESETTING, RECONNECTING -> attached.lost(controllers.nowNanos());
            case FAILED -> failed(group, attached);
            case REMOVED -> controllers.remove(group, List.of(attached));
            case DETACHED -> detached(attached);
        }
    }

    /** The driver let go of it, since the way to it is being replaced: it is attached again when that is back. */
    private void detached(AttachedController attached) {
        attached.leave();
        tryLater(attached);
    }

    /** The driver gave it up. Where nobody said for how long to try, it is tried once more. */
    private void failed(ControllerGroup group, AttachedController attached) {
        if (attached.attachment().loss().lossMs() != 0) {
            LOG.log(Level.WARNING, "{0} is taken away: {1}", attached.attachment().id(), attached.controller().reason());
            controllers.remove(group, List.of(attached));
        } else if (attached.triesAgain()) {
            NvmeController controller = attached.controller();
            later(() -> resetOnce(controller));
        } else {
            attached.path().failsAt(controllers.nowNanos());
        }
    }

    private static void resetOnce(NvmeController controller) {
        try {
            controller.reset();
        } catch (StorageException e) {
            LOG.log(Level.WARNING, "{0} stays away: {1}", controller.id(), e.getMessage());
        }
    }

    @Override
    public void namespacesChanged(NvmeController controller) {
        changed(controller);
    }

    @Override
    public void anaChanged(NvmeController controller) {
        changed(controller);
    }

    private void changed(NvmeController controller) {
        turns.event(() -> {
            AttachedController attached = controllers.find(controller);
            if (attached != null) {
                controllers.sync().follow(controllers.groupOf(attached));
            }
        });
    }

    /** Connects it after a while. */
    void tryLater(AttachedController controller) {
        Reactor reactor = host.reactors().next();
        var timer = new Timer() {
            @Override
            public void expired() {
                later(() -> turns.event(() -> controllers.connectAgain(controller)));
            }
        };
        long nanos = controller.nextTryNanos();
        reactor.execute(() -> reactor.schedule(timer, nanos));
    }

    // What reactors ask for.

    @Override
    public void reset(NamespaceBdev bdev, IntConsumer done) {
        later(() -> {
            int status = Status.OK;
            for (NamespacePath path : bdev.multipath().paths()) {
                status = reset(path.controller(), status);
            }
            done.accept(status);
        });
    }

    private static int reset(ControllerPath path, int before) {
        NvmeController controller = path.controller();
        if (controller == null) {
            return before;
        }
        try {
            controller.reset();
            return before;
        } catch (StorageException e) {
            LOG.log(Level.WARNING, "{0} could not be reset: {1}", controller.id(), e.getMessage());
            return Status.FAILED;
        }
    }

    @Override
    public void accessChanged(NamespacePath path) {
        later(() -> AnaReading.refresh(path));
    }

    @Override
    public void destroyed(NamespaceBdev bdev) {
        turns.event(() -> controllers.forget(bdev));
    }
}
