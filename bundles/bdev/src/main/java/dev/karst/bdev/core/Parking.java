package dev.karst.bdev.core;

import dev.karst.base.StorageException;
import dev.karst.bdev.Bdev.State;
import dev.karst.bdev.BdevEvents;
import dev.karst.bdev.core.claim.Claims;
import dev.karst.bdev.module.ModuleBdev;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Timer;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Parks the devices of a module that goes, attaches them to the one that comes, and gives up on those that wait too
 * long.
 */
final class Parking {
    /** A module that is bringing a device back is given so much more time. */
    static final long LONGEST_RETURN_MS = 60_000;
    private static final System.Logger LOG = System.getLogger(Parking.class.getName());

    /** How long one device may be parked. Lives on the device's first reactor. */
    private final class Patience extends Timer {
        private final CoreBdev bdev;
        /** When it ends for a module that is bringing the device back, too. */
        private final long endNanos;

        Patience(CoreBdev bdev) {
            this.bdev = bdev;
            endNanos = layer.environment().clock().nanos() + (layer.settings().parkTimeoutMs() + LONGEST_RETURN_MS) * 1_000_000;
        }

        boolean isOver() {
            return layer.environment().clock().nanos() - endNanos > 0;
        }

        @Override
        public void expired() {
            layer.environment().threads().background().execute(() -> giveUp(this));
        }
    }

    private final BlockLayer layer;
    /** Guarded by the layer's lock. */
    private final Map<CoreBdev, Patience> patience = new HashMap<>();
    /** Those that a module is bringing back, each as often as one is. Guarded by the layer's lock. */
    private final Map<CoreBdev, Integer> returning = new HashMap<>();
    private volatile boolean gaveUp;

    Parking(BlockLayer layer) {
        this.layer = layer;
    }

    /** Parks devices that have begun to drain. Returns when the module is out of use, or its time is up. */
    void park(List<CoreBdev> bdevs) {
        if (bdevs.isEmpty()) {
            return;
        }
        Drain drain = new Drain(layer, bdevs, LaneGate.PARK).closeGates();
        synchronized (layer.lock) {
            bdevs.forEach(bdev -> bdev.tell(BdevEvents::paused));
        }
        drain.runOut();
        List<CompletableFuture<Void>> gone = drain.detach();
        for (int i = 0; i < bdevs.size(); i++) {
            parked(bdevs.get(i), gone.get(i));
        }
    }

    private void parked(CoreBdev bdev, CompletableFuture<Void> gone) {
        CompletableFuture<Void> ended;
        ModuleBdev module;
        var timer = new Patience(bdev);
        synchronized (layer.lock) {
            module = bdev.detached();
            patience.put(bdev, timer);
        }
        CompletableFuture<Void> destroyed = Drain.destroy(layer, bdev, module, gone, true);
        synchronized (layer.lock) {
            bdev.leave(new CoreBdev.Leftover(module, destroyed));
            ended = bdev.end(State.PARKED);
        }
        ended.complete(null);
        Reactor home = bdev.lanes[0].reactor;
        long nanos = layer.settings().parkTimeoutMs() * 1_000_000;
        home.execute(() -> home.schedule(timer, nanos));
    }

    /** What brings a device back. */
    interface Return {
        void run() throws StorageException;
    }

    /** Has a module bring a device back, which is not given up meanwhile, however busy the machine is. */
    void bringBack(CoreBdev bdev, Return task) throws StorageException {
        synchronized (layer.lock) {
            returning.merge(bdev, 1, Integer::sum);
        }
        try {
            task.run();
        } finally {
            synchronized (layer.lock) {
                returning.computeIfPresent(bdev, (_, count) -> count == 1 ? null : count - 1);
            }
        }
    }

    /**
     * A module that brings back a device which was deleted meanwhile makes no new one of it. Caller holds the layer's lock.
     *
     * @throws StorageException ENODEV for such
     */
    void checkNotGone(String name) throws StorageException {
        if (Claims.parked() instanceof CoreBdev meant && meant.name().equals(name) && !layer.knows(meant)) {
            throw Failures.noSuchBdev(name);
        }
    }

    /** Attaches a device whose state is ATTACHING already. */
    void attach(CoreBdev bdev, Modules.Host host, ModuleBdev module) throws StorageException {
        long before = bdev.blocks();
        try {
            openChannels(bdev, module);
        } catch (StorageException e) {
            backToParked(bdev);
            throw e;
        }
        bdev.onLanes(lane -> lane.gate.open(LaneGate.PARK));
        CompletableFuture<Void> ended;
        Patience timer;
        synchronized (layer.lock) {
            bdev.attached(host, module);
            layer.forgetClaims(bdev);
            timer = patience.remove(bdev);
            ended = bdev.end(State.ONLINE);
            bdev.tell(BdevEvents::resumed);
            if (module.geometry().blocks() != before) {
                bdev.tell(events -> events.resized(module.geometry().blocks()));
            }
        }
        ended.complete(null);
        cancel(bdev, timer);
    }

    private void openChannels(CoreBdev bdev, ModuleBdev module) throws StorageException {
        List<CompletableFuture<Void>> opened = new ArrayList<>();
        for (Lane lane : bdev.lanes) {
            var told = new CompletableFuture<Void>();
            opened.add(told);
            lane.reactor.execute(() -> attach(lane, module, told));
        }
        for (CompletableFuture<Void> told : opened) {
            layer.reactors().await(told, layer.settings().drainTimeoutMs(), "the channels of " + bdev.name());
        }
    }

    private static void attach(Lane lane, ModuleBdev module, CompletableFuture<Void> told) {
        try {
            lane.attach(module);
            told.complete(null);
        } catch (StorageException | RuntimeException e) {
            told.completeExceptionally(e);
        }
    }

    private void backToParked(CoreBdev bdev) {
        Drain.within(layer.reactors(), Drain.detach(bdev), layer.settings().drainTimeoutMs());
        CompletableFuture<Void> ended;
        synchronized (layer.lock) {
            ended = bdev.end(State.PARKED);
        }
        ended.complete(null);
    }

    private void giveUp(Patience timer) {
        CoreBdev bdev = timer.bdev;
        boolean comes;
        synchronized (layer.lock) {
            if (patience.get(bdev) != timer) {
                return;
            }
            comes = bdev.state() != State.PARKED || returning.containsKey(bdev) && !timer.isOver();
        }
        if (comes) {
            Reactor home = bdev.lanes[0].reactor;
            home.execute(() -> home.schedule(timer, Reactor.NAP_NANOS));
            return;
        }
        LOG.log(Level.WARNING, "The module " + bdev.moduleName() + " did not come back for " + bdev.name()
            + "; it is removed");
        gaveUp = true;
        layer.removal().remove(bdev);
    }

    /** Whether a device was parked for too long and is gone, though nobody deleted it. */
    boolean hasGivenUp() {
        return gaveUp;
    }

    /** A parked device goes. Caller holds the layer's lock. */
    void forget(CoreBdev bdev) {
        cancel(bdev, patience.remove(bdev));
    }

    private static void cancel(CoreBdev bdev, Patience timer) {
        if (timer != null) {
            Reactor home = bdev.lanes[0].reactor;
            home.execute(() -> home.cancel(timer));
        }
    }
}
