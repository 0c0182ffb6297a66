package dev.karst.bdev.core;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.Bdev.State;
import dev.karst.bdev.core.claim.Claims;
import dev.karst.bdev.module.ModuleBdev;
import dev.karst.reactor.Reactors;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Takes devices out of their modules: closes gates, waits for what is in flight, and closes the modules' channels. At
 * half the time the modules are asked to abort, at the whole they are asked what they let go of. What a module neither
 * completes nor lets go of stays in flight, its memory with it, and the module's channel and device stay open for it.
 */
final class Drain {
    private static final System.Logger LOG = System.getLogger(Drain.class.getName());

    /** How long what is in flight may take before it is asked whether it waits for another device. */
    private static final long STEP_MS = 5;

    private final BlockLayer layer;
    private final Reactors reactors;
    private final List<CoreBdev> bdevs;
    private final int reason;
    private final long halfMs;
    private final List<CompletableFuture<Void>> empty = new ArrayList<>();

    Drain(BlockLayer layer, List<CoreBdev> bdevs, int reason) {
        this.layer = layer;
        this.reactors = layer.reactors();
        this.bdevs = bdevs;
        this.reason = reason;
        this.halfMs = Math.max(1, layer.settings().drainTimeoutMs() / 2);
    }

    /** Begins: gates close, by message. */
    Drain closeGates() {
        for (CoreBdev bdev : bdevs) {
            for (Lane lane : bdev.lanes) {
                var told = new CompletableFuture<Void>();
                empty.add(told);
                lane.reactor.execute(() -> lane.gate.close(reason, told));
            }
        }
        return this;
    }

    /**
     * Waits until nothing is in flight or the time is up; aborts at half of it. Devices that are parked do not wait for those
     * below them that are away too: what waits in the gates of these is called back soon.
     */
    void runOut() {
        if (!runsOutByItself()) {
            onLanes(lane -> {
                if (reason == LaneGate.PARK) {
                    lane.gate.recall();
                } else {
                    lane.gate.abortAll();
                }
            });
            if (!emptyWithin(halfMs)) {
                onLanes(lane -> lane.gate.takeBack());
            }
        }
    }

    private boolean runsOutByItself() {
        for (long left = halfMs; left > 0; left -= STEP_MS) {
            if (emptyWithin(Math.min(left, STEP_MS))) {
                return true;
            }
            if (reason == LaneGate.PARK && isAnotherAway()) {
                return false;
            }
        }
        return false;
    }

    /** Which devices stand on which only their modules know, so any other counts. */
    private boolean isAnotherAway() {
        return layer.remaining().stream().anyMatch(other -> !bdevs.contains(other) && switch (other.state()) {
            case DRAINING, PARKED, ATTACHING -> true;
            case REGISTERING, ONLINE, REMOVING -> false;
        });
    }

    private void onLanes(Consumer<Lane> task) {
        bdevs.forEach(bdev -> bdev.onLanes(task));
    }

    private boolean emptyWithin(long timeoutMs) {
        return within(reactors, CompletableFuture.allOf(empty.toArray(CompletableFuture[]::new)), timeoutMs);
    }

    /** Whether the future was told in time. */
    static boolean within(Reactors reactors, CompletableFuture<Void> future, long timeoutMs) {
        try {
            reactors.await(future, timeoutMs, "I/O in flight");
            return true;
        } catch (StorageException e) {
            if (e.code() != -Errno.ETIMEDOUT) {
                LOG.log(Level.WARNING, "While a block device was drained: " + e.getMessage());
            }
            return false;
        }
    }

    /** Closes the modules' channels. Gives for each device what is told when all of its are closed. */
    List<CompletableFuture<Void>> detach() {
        List<CompletableFuture<Void>> gone = new ArrayList<>();
        for (CoreBdev bdev : bdevs) {
            gone.add(detach(bdev));
        }
        within(reactors, CompletableFuture.allOf(gone.toArray(CompletableFuture[]::new)), halfMs);
        return gone;
    }

    /** Closes the module's channels of one device. */
    static CompletableFuture<Void> detach(CoreBdev bdev) {
        List<CompletableFuture<Void>> lanes = new ArrayList<>();
        for (Lane lane : bdev.lanes) {
            var told = new CompletableFuture<Void>();
            lanes.add(told);
            lane.reactor.execute(() -> lane.gate.detach(told));
        }
        return CompletableFuture.allOf(lanes.toArray(CompletableFuture[]::new));
    }

    /**
     * Destroys a module's device once its channels are closed: now, or in the background when the last I/O is back.
     * Gives what is told when that has happened.
     */
    static CompletableFuture<Void> destroy(
        BlockLayer layer, CoreBdev bdev, ModuleBdev module, CompletableFuture<Void> gone, boolean parked) {
        if (gone.isDone()) {
            destroy(layer, bdev, module, parked);
            return gone;
        }
        if (parked) {
            lendClaims(layer, bdev);
        }
        LOG.log(Level.WARNING, "The module " + bdev.moduleName() + " did not give back all I/O of " + bdev.name()
            + "; its memory stays out of use, and the module's device open, until it does");
        return gone.thenRunAsync(() -> destroy(layer, bdev, module, parked), layer.environment().threads().background());
    }

    private static void destroy(BlockLayer layer, CoreBdev bdev, ModuleBdev module, boolean parked) {
        try {
            if (parked) {
                Claims.standingFor(bdev, () -> destroyed(module));
                forgetClaims(layer, bdev);
            } else {
                module.destroy(false);
            }
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "The module " + bdev.moduleName() + " threw while it destroyed " + bdev.name(), e);
        }
    }

    /** What the version that went has claimed is there for its successor, although it has I/O below. */
    private static void lendClaims(BlockLayer layer, CoreBdev bdev) {
        List<CoreDescriptor> below = Collections.synchronizedList(new ArrayList<>());
        try {
            layer.reactors().forEach(reactor -> below.addAll(bdev.lane(reactor).gate.openBelow()));
        } catch (StorageException e) {
            LOG.log(Level.WARNING, "What {0} has claimed stays claimed: {1}", bdev.name(), e.getMessage());
        }
        Claims.standingFor(bdev, () -> {
            below.forEach(layer::release);
            return null;
        });
    }

    /** If it was destroyed so late that it is back or gone, what it left claimed is nobody's. */
    private static void forgetClaims(BlockLayer layer, CoreBdev parked) {
        synchronized (layer.lock) {
            if (!layer.knows(parked) || parked.state() == State.ONLINE) {
                layer.forgetClaims(parked);
            }
        }
    }

    private static Void destroyed(ModuleBdev module) {
        module.destroy(true);
        return null;
    }
}
