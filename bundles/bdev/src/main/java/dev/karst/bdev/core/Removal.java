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

    /** Removes it with all that it holds and waits for that; false when somebody else did, or has not ended in time. */
    boolean remove(CoreBdev bdev) {
        return remove(bdev, false);
    }

    /** The block layer itself goes: the same, but what must survive the module (named memory) stays. */
    void leave(CoreBdev bdev) {
        remove(bdev, true);
    }

    private boolean remove(CoreBdev bdev, boolean keeps) {
        CompletableFuture<Void> closed = begin(bdev);
        if (closed == null) {
            return false;
        }
        Drain drain = new Drain(layer, List.of(bdev), LaneGate.REMOVE).closeGates();
        drain.runOut();
        Drain.within(layer.reactors(), closed, layer.settings().drainTimeoutMs());
        CompletableFuture<Void> gone = drain.detach().getFirst();
        destroy(bdev, gone, keeps);
        bdev.home().execute(() -> bdev.queueDepth.sample(0));
        CompletableFuture<Void> ended;
        synchronized (layer.lock) {
            layer.forget(bdev);
            ended = bdev.end(State.REMOVING);
        }
        ended.complete(null);
        return true;
    }

    /** Destroys what is there, or what was left behind when the module went. */
    private void destroy(CoreBdev bdev, CompletableFuture<Void> gone, boolean keeps) {
        ModuleBdev module;
        CoreBdev.Leftover left;
        synchronized (layer.lock) {
            module = bdev.detached();
            left = bdev.leftover();
        }
        if (module != null) {
            Drain.destroy(layer, bdev, module, gone, keeps);
        } else if (left != null && !keeps) {
            Drain.destroy(layer, bdev, left.module(), left.destroyed(), false);
        }
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
