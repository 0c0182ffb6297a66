package dev.karst.bdev.core.ring;

import dev.karst.base.ReactorConfined;
import dev.karst.bdev.BdevIo;
import java.util.Arrays;

/** I/Os in a row, with both ends open. Allocates only when it grows beyond any size it had. */
@ReactorConfined
public final class IoRing {
    private static final BdevIo[] NONE = {};
    private static final int FIRST_SIZE = 16;

    private BdevIo[] ring = NONE;
    private int first;
    private int size;

    public int size() {
        return size;
    }

    public void addLast(BdevIo io) {
        grow();
        ring[first + size++ & ring.length - 1] = io;
    }

    public void addFirst(BdevIo io) {
        grow();
        first = first - 1 & ring.length - 1;
        ring[first] = io;
        size++;
    }

    /** The first, taken out; null when there is none. */
    public BdevIo pollFirst() {
        if (size == 0) {
            return null;
        }
        BdevIo io = ring[first];
        ring[first] = null;
        first = first + 1 & ring.length - 1;
        size--;
        return io;
    }

    /** The last, taken out; null when there is none. */
    public BdevIo pollLast() {
        if (size == 0) {
            return null;
        }
        int last = first + --size & ring.length - 1;
        BdevIo io = ring[last];
        ring[last] = null;
        return io;
    }

    /** Takes one out wherever it stands; false when it is not here. */
    public boolean remove(BdevIo io) {
        boolean found = false;
        for (int left = size; left > 0; left--) {
            BdevIo next = pollFirst();
            if (next == io) {
                found = true;
            } else {
                addLast(next);
            }
        }
        return found;
    }

    private void grow() {
        if (size < ring.length) {
            return;
        }
        BdevIo[] larger = new BdevIo[Math.max(FIRST_SIZE, size * 2)];
        for (int i = 0; i < size; i++) {
            larger[i] = ring[first + i & ring.length - 1];
        }
        Arrays.fill(ring, null);
        ring = larger;
        first = 0;
    }
}
