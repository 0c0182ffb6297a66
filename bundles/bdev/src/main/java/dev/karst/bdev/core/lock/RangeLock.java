package dev.karst.bdev.core.lock;

import dev.karst.base.ReactorConfined;
import dev.karst.reactor.Message;
import dev.karst.reactor.Reactor;

/**
 * One lock of a range of blocks, preallocated by whoever wants it and reused. While it is held nothing else that
 * overlaps the range is under way on any reactor. It is confined to the reactor of its {@link LockSite}, apart from what
 * the home of {@link RangeLocks} keeps in it.
 *
 * <pre>
 *  owner's reactor          home              each reactor
 *     acquire ---ask---->   queue
 *                           activate --hold-->  new I/O waits
 *     granted &lt;--grant---   all ready &lt;-ready-  nothing under way
 *     release ---drop--->   forget ---undo--->  what waits goes on
 *     gone    &lt;--over----   all gone  &lt;-gone--
 * </pre>
 */
@ReactorConfined
public abstract class RangeLock {
    /** What it says to one reactor, and what it hears from there. Each message is in one queue at a time. */
    final class Place {
        final LockSite site;
        /** Whether it heard that nothing is under way there; the site's own. */
        boolean ready;
        private final Message hold = new Message() {
            @Override
            public void run() {
                site.hold(Place.this);
            }
        };
        private final Message undo = new Message() {
            @Override
            public void run() {
                site.undo(Place.this);
                post(home(), gone);
            }
        };
        private final Message isReady = new Message() {
            @Override
            public void run() {
                locks.ready(RangeLock.this);
            }
        };
        private final Message gone = new Message() {
            @Override
            public void run() {
                locks.gone(RangeLock.this);
            }
        };

        Place(LockSite site) {
            this.site = site;
        }

        RangeLock lock() {
            return RangeLock.this;
        }

        /** Nothing that overlaps is under way at that site. */
        void tellReady() {
            ready = true;
            post(home(), isReady);
        }
    }

    private final RangeLocks locks;
    private final Reactor owner;
    private final Place[] places;
    private final Message ask;
    private final Message grant;
    private final Message drop;
    private final Message over;
    private long first;
    private long end;
    private boolean wanted;
    private boolean idle = true;

    /** The home's own: how many reactors have still to answer. */
    int unready;
    int held;
    boolean dropped;

    /** A lock that nobody holds, for an owner on that reactor. */
    protected RangeLock(RangeLocks locks, Reactor owner) {
        this.locks = locks;
        this.owner = owner;
        places = new Place[locks.sites().length];
        for (int i = 0; i < places.length; i++) {
            places[i] = new Place(locks.sites()[i]);
        }
        ask = new Message() {
            @Override
            public void run() {
                locks.ask(RangeLock.this);
            }
        };
        grant = new Message() {
            @Override
            public void run() {
                arrived();
            }
        };
        drop = new Message() {
            @Override
            public void run() {
                locks.drop(RangeLock.this);
            }
        };
        over = new Message() {
            @Override
            public void run() {
                idle = true;
                gone();
            }
        };
    }

    /** It is held now. On the owner's reactor, perhaps inside {@link #acquire}. */
    protected abstract void granted();

    /** It is out of use everywhere, and may be asked for again. On the owner's reactor, perhaps inside {@link #release}. */
    protected abstract void gone();

    /** Asks for it: after those that overlap and asked before. */
    public final void acquire(long firstBlock, long blocks) {
        assert idle : "asked for a lock that is in use";
        idle = false;
        wanted = true;
        first = firstBlock;
        end = firstBlock + blocks;
        post(locks.home(), ask);
    }

    /** Gives it back, or does not want it any more; once for each {@link #acquire}. */
    public final void release() {
        assert wanted : "a lock given back twice";
        wanted = false;
        post(locks.home(), drop);
    }

    /** Whether it is out of use. */
    public final boolean isIdle() {
        return idle;
    }

    private void arrived() {
        if (wanted) {
            granted();
        }
    }

    private Reactor home() {
        return locks.home();
    }

    // For the home.

    void holdEverywhere() {
        unready = places.length;
        held = places.length;
        dropped = false;
        for (Place place : places) {
            post(place.site.reactor(), place.hold);
        }
    }

    void undoEverywhere() {
        dropped = true;
        for (Place place : places) {
            post(place.site.reactor(), place.undo);
        }
    }

    void grantToOwner() {
        post(owner, grant);
    }

    void tellOver() {
        post(owner, over);
    }

    /** Whether it covers a block of the range. */
    public final boolean overlaps(long otherFirst, long otherEnd) {
        return otherFirst < end && first < otherEnd;
    }

    boolean overlaps(RangeLock other) {
        return overlaps(other.first, other.end);
    }

    /** Runs the message on that reactor: at once when that is this one. */
    static void post(Reactor to, Message message) {
        if (to.isCurrent()) {
            message.run();
        } else {
            to.send(message);
        }
    }
}
