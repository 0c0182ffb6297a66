package dev.karst.bdev.core.notice;

import dev.karst.bdev.module.ModuleHandOver.Outcome;
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

    /** What may happen: to devices under SPDK's names, and to modules. */
    public enum Kind {
        BDEV_REGISTER,
        BDEV_UNREGISTER,
        BDEV_RESIZE,
        /** It takes no more I/O, since its module misbehaves. */
        BDEV_FENCE,
        /** It takes I/O again: its module has ended what it held. */
        BDEV_UNFENCE,
        /** A module was replaced. */
        MODULE_SWAP,
        /** A module was to be replaced, and the version before serves. */
        MODULE_ROLLBACK,
        /** A module was to be replaced, and its devices are without a module. */
        MODULE_FAILURE;

        /** That of a replacement which ended so. */
        public static Kind of(Outcome outcome) {
            return switch (outcome) {
                case SWAPPED -> MODULE_SWAP;
                case ROLLED_BACK -> MODULE_ROLLBACK;
                case FAILED -> MODULE_FAILURE;
            };
        }
    }

    /**
     * Something that happened.
     *
     * @param id its number
     * @param name of the device or module that it happened to
     */
    public record Notice(long id, Kind kind, String name) {}

    /** Something happened. */
    public synchronized void add(Kind kind, String name) {
        ring[(int) (next % KEPT)] = new Notice(next, kind, name);
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
