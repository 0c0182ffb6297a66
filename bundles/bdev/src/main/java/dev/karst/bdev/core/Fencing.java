package dev.karst.bdev.core;

import dev.karst.bdev.core.notice.Notices;
import dev.karst.bdev.module.ModuleBdev;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Timer;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Fences devices whose module misbehaves: they take no more I/O, what waits ends, what is in the module it is asked to end, and
 * then to let go of. What it does neither of stays in flight, and its memory out of use. Lifted when the module is taken out; a
 * fence for I/O that was held, also when the module has ended all of it.
 */
final class Fencing {
    private static final System.Logger LOG = System.getLogger(Fencing.class.getName());

    private final BlockLayer layer;

    Fencing(BlockLayer layer) {
        this.layer = layer;
    }

    /** How long a module may hold an I/O; 0 for any time. */
    long heldNanos() {
        return layer.settings().faults().heldMs() * 1_000_000;
    }

    /** A module did what it may not; too often, and all its devices are fenced. Any thread; cheap. */
    void fault(CoreBdev bdev, ModuleBdev module, String what) {
        Modules.Host host = bdev.hostOf(module);
        if (host == null) {
            return;
        }
        String why = host.faults.add(what + " (" + bdev.name() + ")", layer.environment().clock().nanos(),
            layer.settings().faults());
        if (why != null) {
            layer.environment().threads().background().execute(() -> fence(host, why));
        }
    }

    /** A module has neither ended I/O that it was asked to end, nor is it below; that device is fenced. Any thread. */
    void lost(CoreBdev bdev, ModuleBdev module, int ios) {
        if (bdev.fence() == null) {
            String why = ios + " I/Os held by its module for " + layer.settings().faults().heldMs() + " ms, and not ended when asked";
            layer.environment().threads().background().execute(() -> fence(bdev, module, why));
        }
    }

    private void fence(CoreBdev bdev, ModuleBdev module, String why) {
        Modules.Host host = bdev.hostOf(module);
        List<CompletableFuture<Void>> ended = fence(bdev, host, why);
        if (!ended.isEmpty()) {
            log(host, bdev.name(), why);
            CompletableFuture.allOf(ended.toArray(CompletableFuture[]::new))
                .thenRun(() -> layer.environment().threads().background().execute(() -> lift(bdev, module, host, why)));
        }
    }

    /** The module has ended what it held. */
    private void lift(CoreBdev bdev, ModuleBdev module, Modules.Host host, String why) {
        synchronized (layer.lock) {
            if (bdev.hostOf(module) != host || !why.equals(bdev.fence()) || host.faults.fenced() != null || !layer.knows(bdev)) {
                return;
            }
            bdev.unfenced();
            layer.notices().add(Notices.Kind.BDEV_UNFENCE, bdev.name());
        }
        bdev.onLanes(lane -> lane.gate.unfence(module));
        LOG.log(Level.INFO, "The module {0} ({1}) has ended the I/Os that it held; {2} takes I/O again", host.moduleName(),
            host.origin, bdev.name());
    }

    private void fence(Modules.Host host, String why) {
        List<String> names = new ArrayList<>();
        for (CoreBdev bdev : layer.remaining()) {
            if (!fence(bdev, host, why).isEmpty()) {
                names.add(bdev.name());
            }
        }
        log(host, names.isEmpty() ? "no block device" : String.join(", ", names), why);
    }

    private static void log(Modules.Host host, String devices, String why) {
        LOG.log(Level.ERROR, "The module {0} ({1}) is fenced, with {2}: {3}; replace the module",
            host.moduleName(), host.origin, devices, why);
    }

    /** A device came, or came back, whose module is fenced already. */
    void inherit(CoreBdev bdev, Modules.Host host) {
        if (host.faults.fenced() != null) {
            fence(bdev, host, host.faults.fenced());
        }
    }

    /** Gives what each lane tells when the module has ended what it has; nothing when it is fenced already, or not that module's. */
    private List<CompletableFuture<Void>> fence(CoreBdev bdev, Modules.Host host, String why) {
        ModuleBdev module;
        synchronized (layer.lock) {
            if (host == null || bdev.host() != host || bdev.fence() != null || !layer.knows(bdev)) {
                return List.of();
            }
            module = bdev.fenced(why);
            layer.notices().add(Notices.Kind.BDEV_FENCE, bdev.name());
        }
        List<CompletableFuture<Void>> ended = new ArrayList<>();
        for (Lane lane : bdev.lanes) {
            var told = new CompletableFuture<Void>();
            ended.add(told);
            lane.reactor.execute(() -> lane.gate.fence(module, told));
        }
        Reactor home = bdev.home();
        long nanos = layer.settings().drainTimeoutMs() * 1_000_000;
        home.execute(() -> home.schedule(new Timer() {
            @Override
            public void expired() {
                bdev.onLanes(lane -> lane.gate.takeBack(module));
            }
        }, nanos));
        return ended;
    }
}
