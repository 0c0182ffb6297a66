package dev.karst.vhost.ring;

/**
 * What a ring is made of.
 *
 * @param size descriptors; a power of two but for a packed ring, up to {@link Ring#MAX_SIZE}
 * @param features what device and driver agreed upon
 * @param base where it goes on, as SET_VRING_BASE says it
 */
public record RingSetup(int size, long features, GuestMemory memory, RingAreas areas, int base, RingSupport support) {
    /** Whether that feature was agreed upon. */
    public boolean has(long feature) {
        return (features & feature) != 0;
    }
}
