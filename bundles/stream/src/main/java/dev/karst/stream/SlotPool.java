package dev.karst.stream;

import dev.karst.base.ReactorConfined;
import dev.karst.base.StorageException;
import dev.karst.env.Memory;
import dev.karst.env.Region;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The requests of one connection. It starts small and grows, a slab at a time, to what the peer uses, up to a limit; it does not
 * shrink while the connection lives. Growth is part of the start of a connection, so it may allocate; one in steady use does not come there.
 *
 * @param <T> a request
 */
@ReactorConfined
public abstract class SlotPool<T> {
    private static final int FIRST_SLAB = 1;
    private static final int SLAB = 8;
    private static final int PAGE_BYTES = 4096;

    private final Memory memory;
    private final String owner;
    private final List<Region> slabs = new ArrayList<>();
    private Object[] all = new Object[0];
    private Object[] free = new Object[0];
    private int freeCount;
    private int limit;
    private int roomBytes;
    private final int ownBytes;

    /**
     * A pool without requests.
     *
     * @param owner what the memory is for
     * @param limit most requests
     * @param roomBytes room for data that each has, which begins where memory pages do
     * @param ownBytes memory that each has beside it
     */
    protected SlotPool(Memory memory, String owner, int limit, int roomBytes, int ownBytes) {
        this.memory = memory;
        this.owner = owner;
        this.ownBytes = ownBytes;
        limit(limit, roomBytes);
    }

    /** A new request of that number, with its room for data and its own memory. */
    protected abstract T make(int slot, long room, long own);

    /** From now on up to so many, and so much room for each that is made. */
    protected final void limit(int limit, int roomBytes) {
        assert slabs.isEmpty() || roomBytes <= this.roomBytes : "more data than those have room for that are made";
        this.limit = limit;
        this.roomBytes = roomBytes + PAGE_BYTES - 1 & -PAGE_BYTES;
    }

    /** Most requests. */
    public final int limit() {
        return limit;
    }

    /** A request that is free, or null when there are as many as there may be, or no memory. */
    @SuppressWarnings("unchecked")
    public final T take() {
        if (inUse() >= limit || freeCount == 0 && !grow()) {
            return null;
        }
        return (T) free[--freeCount];
    }

    /** The free request of that number, which is made if need be; null if it cannot be had. */
    @SuppressWarnings("unchecked")
    public final T take(int slot) {
        while (slot >= all.length && grow()) {
            // A slab at a time.
        }
        for (int i = 0; i < freeCount && slot < all.length; i++) {
            if (free[i] == all[slot]) {
                free[i] = free[--freeCount];
                return (T) all[slot];
            }
        }
        return null;
    }

    /** Takes a request back. */
    public final void give(T request) {
        free[freeCount++] = request;
    }

    /** Requests made so far. */
    public final int size() {
        return all.length;
    }

    @SuppressWarnings("unchecked")
    public final T at(int slot) {
        return (T) all[slot];
    }

    public final int inUse() {
        return all.length - freeCount;
    }

    private boolean grow() {
        int more = Math.min(slabs.isEmpty() ? FIRST_SLAB : SLAB, limit - all.length);
        if (more <= 0) {
            return false;
        }
        Region slab;
        try {
            slab = memory.allocate(owner, (long) more * (roomBytes + ownBytes));
        } catch (StorageException e) {
            return false;
        }
        slabs.add(slab);
        int first = all.length;
        all = Arrays.copyOf(all, first + more);
        free = Arrays.copyOf(free, first + more);
        for (int i = 0; i < more; i++) {
            long own = slab.address() + (long) more * roomBytes + (long) i * ownBytes;
            T made = make(first + i, slab.address() + (long) i * roomBytes, own);
            all[first + i] = made;
            free[freeCount++] = made;
        }
        return true;
    }

    public final void close() {
        for (Region slab : slabs) {
            memory.free(slab);
        }
        slabs.clear();
    }
}
