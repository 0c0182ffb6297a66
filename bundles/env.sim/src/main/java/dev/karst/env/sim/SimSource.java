package dev.karst.env.sim;

/** Something that an event set can be told of. */
abstract class SimSource {
    private SimEventSet set;
    private boolean queued;

    /** Tells whoever watches. Runs on the reactor. */
    abstract void deliver();

    /** There is something to tell: the next {@link SimEventSet#poll} of the set that watches delivers it. */
    final void signal() {
        if (set != null && !queued) {
            queued = true;
            set.enqueue(this);
        }
    }

    final void watchedBy(SimEventSet events) {
        if (set != null && events != null) {
            throw new IllegalStateException("watched by two event sets");
        }
        if (queued) {
            set.dequeue(this);
            queued = false;
        }
        set = events;
    }

    final boolean isWatched() {
        return set != null;
    }

    final void taken() {
        queued = false;
    }
}
