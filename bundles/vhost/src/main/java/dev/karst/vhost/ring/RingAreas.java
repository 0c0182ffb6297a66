package dev.karst.vhost.ring;

/**
 * Where a ring lies, as Karst's addresses.
 *
 * @param descriptors the descriptor table, or the packed ring
 * @param driver what the driver writes: the available ring, or its event suppression
 * @param device what the device writes: the used ring, or its event suppression
 */
public record RingAreas(long descriptors, long driver, long device) {}
