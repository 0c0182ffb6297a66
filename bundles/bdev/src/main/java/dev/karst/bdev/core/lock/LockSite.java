package dev.karst.bdev.core.lock;

import dev.karst.base.ReactorConfined;
import dev.karst.reactor.Reactor;
import java.util.ArrayList;
import java.util.List;

/** One reactor's side of a device's range locks: which hold here, and which still wait for what is under way. */
@ReactorConfined
public abstract class LockSite {
    private final List<RangeLock.Place> held = new ArrayList<>(0);
    private int pending;

    /** The reactor that it is confined to. */
    protected abstract Reactor reactor();

    /** Whether something is under way here that overlaps the lock's range and began before it was held. */
    protected abstract boolean isBusy(RangeLock lock);

    /** Another number of locks holds here, or waits for what is under way. */
    protected abstract void changed();

    /** Whether any lock holds here. */
    public final boolean isHeld() {
        return !held.isEmpty();
    }

    /** Whether some lock waits for what is under way. */
    public final boolean isPending() {
        return pending > 0;
    }

    /** Whether a lock holds on a block of the range. */
    public final boolean covers(long first, long end) {
        for (int i = 0; i < held.size(); i++) {
            if (held.get(i).lock().overlaps(first, end)) {
                return true;
            }
        }
        return false;
    }

    void hold(RangeLock.Place place) {
        held.add(place);
        place.ready = false;
        pending++;
        changed();
        settle(place);
    }

    private void settle(RangeLock.Place place) {
        if (!place.ready && !isBusy(place.lock())) {
            pending--;
            changed();
            place.tellReady();
        }
    }

    void undo(RangeLock.Place place) {
        held.remove(place);
        if (!place.ready) {
            pending--;
        }
        changed();
    }

    /** What was under way on that range is so no more. */
    public final void left(long first, long end) {
        for (int i = 0; i < held.size(); i++) {
            RangeLock.Place place = held.get(i);
            if (place.lock().overlaps(first, end)) {
                settle(place);
            }
        }
    }
}
