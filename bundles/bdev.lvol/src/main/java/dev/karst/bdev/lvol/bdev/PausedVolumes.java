package dev.karst.bdev.lvol.bdev;

import dev.karst.bdev.lvol.base.Outside;
import dev.karst.bdev.lvol.store.Users;
import dev.karst.bdev.lvol.store.Volume;
import dev.karst.reactor.Reactor;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/** Keeps I/O from volumes while their maps change, one change after the other for each. On the reactor of the store. */
final class PausedVolumes implements Users {
    private final Reactor reactor;
    private final Function<Volume, LvolBdev> bdevs;
    private final Function<Volume, Outside> outsides;
    /** Those that are paused, each with the changes that wait. */
    private final Map<Volume, ArrayDeque<Runnable>> waiting = new HashMap<>();

    /**
     * @param bdevs the block device of a volume; null for none
     * @param outsides the device outside that a volume stands on; null for none that is there
     */
    PausedVolumes(Reactor reactor, Function<Volume, LvolBdev> bdevs, Function<Volume, Outside> outsides) {
        this.reactor = reactor;
        this.bdevs = bdevs;
        this.outsides = outsides;
    }

    @Override
    public void pause(Volume volume, Runnable change) {
        ArrayDeque<Runnable> others = waiting.putIfAbsent(volume, new ArrayDeque<>());
        if (others == null) {
            begin(volume, change);
        } else {
            others.add(change);
        }
    }

    private void begin(Volume volume, Runnable change) {
        LvolBdev bdev = bdevs.apply(volume);
        if (bdev == null) {
            change.run();
        } else {
            bdev.pause(reactor, change);
        }
    }

    @Override
    public void resume(Volume volume) {
        LvolBdev bdev = bdevs.apply(volume);
        if (bdev == null) {
            next(volume);
        } else {
            bdev.standOn(outsides.apply(volume), reactor, () -> next(volume));
        }
    }

    private void next(Volume volume) {
        Runnable next = waiting.get(volume).poll();
        if (next != null) {
            begin(volume, next);
            return;
        }
        waiting.remove(volume);
        LvolBdev bdev = bdevs.apply(volume);
        if (bdev != null) {
            bdev.resume();
        }
    }

    /** Whether a change keeps I/O from it. */
    boolean isPaused(Volume volume) {
        return waiting.containsKey(volume);
    }

    /** The volume stands on what is there now. */
    void standAgain(Volume volume) {
        LvolBdev bdev = bdevs.apply(volume);
        if (bdev != null && bdev.outside() != outsides.apply(volume)) {
            pause(volume, () -> resume(volume));
        }
    }
}
