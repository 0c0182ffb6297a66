package dev.karst.bdev;

/** What the owner of a descriptor is told, by message on the reactor that it named when it opened; never inline. */
public interface BdevEvents {
    /**
     * The device goes away: end what you do, close channels and descriptor. Until then it lingers, and then it is
     * forced.
     */
    void removed();

    /** The number of blocks changed. */
    default void resized(long blocks) {}

    /** New I/O waits for a while; nothing needs to be done. */
    default void paused() {}

    /** I/O flows again. */
    default void resumed() {}
}
