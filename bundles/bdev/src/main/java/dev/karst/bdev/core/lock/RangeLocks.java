package dev.karst.bdev.core.lock;

import dev.karst.base.ReactorConfined;
import dev.karst.reactor.Reactor;
import java.util.ArrayList;
import java.util.List;

/**
 * All range locks of one device: which are held, and which wait for others that overlap and came before. Confined to
 * one reactor, the home.
 */
@ReactorConfined
public final class RangeLocks {
    private final LockSite[] sites;
    private final List<RangeLock> active = new ArrayList<>(0);
    private final List<RangeLock> queue = new ArrayList<>(0);
    private boolean activating;

    /** Locks that hold at these sites, one of each reactor; the first one's reactor is the home. */
    public RangeLocks(LockSite... sites) {
        this.sites = sites;
    }

    Reactor home() {
        return sites[0].reactor();
    }

    LockSite[] sites() {
        return sites;
    }

    void ask(RangeLock lock) {
        queue.add(lock);
        activate();
    }

    /** What overlaps nothing that is held or came before is held from now on. */
    private void activate() {
        if (activating) {
            return;
        }
        activating = true;
        int at = 0;
        while (at < queue.size()) {
            RangeLock lock = queue.get(at);
            if (overlapsAny(active, active.size(), lock) || overlapsAny(queue, at, lock)) {
                at++;
            } else {
                queue.remove(at);
                active.add(lock);
                lock.holdEverywhere();
                at = 0;
            }
        }
        activating = false;
    }

    private static boolean overlapsAny(List<RangeLock> locks, int count, RangeLock lock) {
        for (int i = 0; i < count; i++) {
            if (locks.get(i).overlaps(lock)) {
                return true;
            }
        }
        return false;
    }

    void ready(RangeLock lock) {
        if (--lock.unready == 0 && !lock.dropped) {
            lock.grantToOwner();
        }
    }

    void drop(RangeLock lock) {
        if (queue.remove(lock)) {
            lock.tellOver();
        } else {
            active.remove(lock);
            lock.undoEverywhere();
        }
        activate();
    }

    void gone(RangeLock lock) {
        if (--lock.held == 0) {
            lock.tellOver();
        }
    }
}
