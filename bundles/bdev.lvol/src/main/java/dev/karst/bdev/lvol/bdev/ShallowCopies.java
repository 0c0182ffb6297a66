package dev.karst.bdev.lvol.bdev;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/** Copies that were begun, by their numbers, until somebody was told of their end. Control threads. */
public final class ShallowCopies {
    private static final int MOST = 1000;

    /** In the order in which they were begun. Guarded by this. */
    private final Map<Long, ShallowCopy> copies = new LinkedHashMap<>();
    private long last;

    /**
     * Begins one, and gives its number. The oldest one that has ended is forgotten when there are too many.
     *
     * @throws StorageException what {@link OwnPool#shallowCopy} says, EAGAIN when too many are under way
     */
    public synchronized long start(OwnPool pool, UUID volume, String target) throws StorageException {
        if (copies.size() >= MOST && !forgetOne()) {
            throw StorageException.failure(Errno.EAGAIN, MOST + " shallow copies are under way; wait for one to end");
        }
        ShallowCopy copy = pool.shallowCopy(volume, target);
        last++;
        copies.put(last, copy);
        return last;
    }

    private boolean forgetOne() {
        for (Iterator<ShallowCopy> each = copies.values().iterator(); each.hasNext();) {
            if (each.next().state() != ShallowCopy.State.IN_PROGRESS) {
                each.remove();
                return true;
            }
        }
        return false;
    }

    /**
     * The one of that number as it was, for whoever asks after it; one that has ended is forgotten.
     *
     * @throws StorageException ENODEV when there is none
     */
    public synchronized LvolJson.Copied check(long number) throws StorageException {
        ShallowCopy copy = copies.get(number);
        if (copy == null) {
            throw StorageException.failure(
                Errno.ENODEV, "there is no shallow copy " + number + "; one that has ended is told of once");
        }
        LvolJson.Copied told = LvolJson.Copied.of(copy);
        if (told.state() != ShallowCopy.State.IN_PROGRESS) {
            copies.remove(number);
        }
        return told;
    }
}
