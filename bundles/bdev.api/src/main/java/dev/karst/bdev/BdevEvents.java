package dev.karst.bdev;

import java.util.List;

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

    /**
     * What the device says of its medium, in order. Bounded: if more came than could be told, it is one event that covers the
     * whole device.
     */
    default void mediaEvents(List<MediaEvent> events) {}

    /**
     * An I/O is in flight for longer than {@link BdevDescriptor#watch} says; told once, on the channel's reactor and not on the one
     * named at {@code open}. The owner may let it be, or submit an ABORT of it or a RESET.
     */
    default void overdue(BdevChannel channel, BdevIo io) {}
}
