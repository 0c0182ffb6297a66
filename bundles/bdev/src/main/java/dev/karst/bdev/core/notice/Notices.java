package dev.karst.bdev.core.notice;

import java.util.ArrayList;
import java.util.List;

/**
 * The latest notices, numbered from 0 without a gap for as long as the block layer lives. So many are kept, as in SPDK; whoever
 * asks for older ones gets the oldest there are, and sees by the numbers what was missed. Any thread.
 */
public final class Notices {
    /** How many are kept. */
    public static final int KEPT = 1024;

    private final Notice[] ring = new Notice[KEPT];
    private long next;

    /** What may happen, under SPDK's names. */
    public enum Kind {
        BDEV_REGISTER,
        BDEV_UNREGISTER,
        BDEV_RESIZE
    }

    /**
     * Something that happened.
     *
     * @param id its number
     * @param bdev the name of the device that it happened to
     */
    public record Notice(long id, Kind kind, String bdev) {}

    /** Something happened. */
    public synchronized void add(Kind kind, String bdev) {
        ring[(int) (next % KEPT)] = new Notice(next, kind, bdev);
        next++;
    }

    /** Those of this number and above that are kept, at most so many, oldest first. */
    public synchronized List<Notice> from(long id, long most) {
        List<Notice> found = new ArrayList<>();
        for (long at = Math.max(id, next - KEPT); at < next && found.size() < most; at++) {
            if (at >= 0) {
                found.add(ring[(int) (at % KEPT)]);
            }
        }
        return found;
    }
}
