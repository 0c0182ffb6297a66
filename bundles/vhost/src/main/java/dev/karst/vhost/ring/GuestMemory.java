package dev.karst.vhost.ring;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** All of a guest's memory that the device may touch, immutable. Addresses are compared so that nothing can wrap around. */
public final class GuestMemory {
    /** No memory. */
    public static final GuestMemory NONE = new GuestMemory(List.of());

    private final List<GuestRegion> regions;
    /** Sorted by the guest's address. */
    private final long[] guests;
    private final long[] lengths;
    private final long[] users;
    private final long[] addresses;

    /** These regions, of which no two overlap. */
    public GuestMemory(List<GuestRegion> regions) {
        List<GuestRegion> sorted = new ArrayList<>(regions);
        sorted.sort(Comparator.comparingLong(GuestRegion::guest));
        this.regions = List.copyOf(regions);
        guests = sorted.stream().mapToLong(GuestRegion::guest).toArray();
        lengths = sorted.stream().mapToLong(GuestRegion::bytes).toArray();
        users = sorted.stream().mapToLong(GuestRegion::user).toArray();
        addresses = sorted.stream().mapToLong(GuestRegion::address).toArray();
    }

    /** The regions, as they came. */
    public List<GuestRegion> regions() {
        return regions;
    }

    /** Which region holds the guest's address, or -1. */
    public int find(long guest) {
        for (int i = 0; i < guests.length; i++) {
            long into = guest - guests[i];
            if (into >= 0 && into < lengths[i]) {
                return i;
            }
        }
        return -1;
    }

    /** Where Karst finds the guest's address, which that region holds. */
    public long address(int region, long guest) {
        return addresses[region] + (guest - guests[region]);
    }

    /** Bytes from the guest's address to the end of that region. */
    public long room(int region, long guest) {
        return lengths[region] - (guest - guests[region]);
    }

    /** Where Karst finds bytes that the front-end has at {@code user}; 0 unless one region holds them all. */
    public long fromUser(long user, long bytes) {
        for (int i = 0; i < users.length; i++) {
            long into = user - users[i];
            if (into >= 0 && into < lengths[i] && bytes <= lengths[i] - into) {
                return addresses[i] + into;
            }
        }
        return 0;
    }

    /** Where the guest finds what Karst has at {@code address}, which lies in some region. */
    public long toGuest(long address) {
        for (int i = 0; i < addresses.length; i++) {
            long into = address - addresses[i];
            if (into >= 0 && into < lengths[i]) {
                return guests[i] + into;
            }
        }
        throw new IllegalArgumentException(String.format("0x%x is no memory of the guest", address));
    }
}
