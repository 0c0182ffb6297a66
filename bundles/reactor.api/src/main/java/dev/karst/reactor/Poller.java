package dev.karst.reactor;

import dev.karst.base.ReactorConfined;

/** Something that a reactor asks in every round whether there is work. */
@ReactorConfined
public abstract class Poller {
    /** Does what there is to do, without waiting. Returns how much it did; 0 counts the round as idle. */
    public abstract int poll();

    /**
     * Whether new work announces itself through the reactor's event set, a message or a timer, so that the reactor may
     * sleep. A reactor with a poller of which this is false naps for {@link Reactor#NAP_NANOS} at most.
     */
    public boolean announcesWork() {
        return true;
    }
}
