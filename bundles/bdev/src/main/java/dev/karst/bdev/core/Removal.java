package dev.karst.bdev.core;

import dev.karst.bdev.Bdev.State;
import dev.karst.bdev.BdevEvents;
import dev.karst.bdev.module.ModuleBdev;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Takes devices away for good: told to their owners first, by force when these do not close in time. */
final class Removal {
    private final BlockLayer layer;

    Removal(BlockLayer layer) {
        this.layer = layer;
    }

    /** Removes it; returns when it is gone, also when somebody else removes it. */
    void remove(CoreBdev bdev) {
        CompletableFuture<Void> closed = begin(bdev);
        if (closed == null) {
            return;
        }
        Drain drain = new Drain(layer, List.of(bdev), LaneGate.REMOVE).closeGates();
        drain.runOut();
        Drain.within(layer.reactors(), closed, layer.settings().drainTimeoutMs());
        CompletableFuture<Void> gone = drain.detach().getFirst();
        ModuleBdev module;
        CompletableFuture<Void> ended;
        boolean isParked = bdev.host() == null;
        synchronized (layer.lock) {
            module = bdev.detached();
        }
        if (!isParked) {
            Drain.destroy(layer, bdev, module, gone, false);
        }
        synchronized (layer.lock) {
            layer.forget(bdev);
            ended = bdev.end(State.REMOVING);
        }
        ended.complete(null);
    }

    /** Tells the owners. Gives what is told when they have closed; null when it is gone without us. */
    private CompletableFuture<Void> begin(CoreBdev bdev) {
        while (true) {
            CompletableFuture<Void> other;
            synchronized (layer.lock) {
                if (!layer.knows(bdev)) {
                    return null;
                }
                other = bdev.change();
                if (other == null) {
                    bdev.begin(State.REMOVING);
                    layer.parking().forget(bdev);
                    bdev.tell(BdevEvents::removed);
                    return bdev.whenAllClosed();
                }
            }
            if (!settled(other)) {
                return null;
            }
        }
    }

    /** Whether somebody else's change came to its end in a time that suffices for any. */
    boolean settled(CompletableFuture<Void> change) {
        return Drain.within(layer.reactors(), change, 4 * layer.settings().drainTimeoutMs());
    }
}
