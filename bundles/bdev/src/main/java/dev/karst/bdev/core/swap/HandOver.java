package dev.karst.bdev.core.swap;

import dev.karst.base.StorageException;
import dev.karst.bdev.module.ModuleHandOver.Moved;
import java.util.ArrayList;
import java.util.List;

/**
 * Moves devices from one version of a module to another, one after the other. When one does not come, it and those before it go
 * back. Control threads.
 *
 * @param <V> a version of the module
 * @param <B> a device
 */
public final class HandOver<V, B> {
    /** What is done with one device. */
    public interface Steps<V, B> {
        /** Takes it out of a version: no I/O is left in there when this returns. False when that version has it no more. */
        boolean take(V from, B bdev);

        /**
         * Has a version bring it back; I/O flows when this returns.
         *
         * @throws StorageException what stood in the way; it stays parked
         */
        void bringBack(V to, B bdev) throws StorageException;

        /** Whether it takes no I/O any more until it is taken and brought back, although it did not move. */
        boolean isStranded(B bdev);

        String name(B bdev);

        long nowNanos();
    }

    private final Steps<V, B> steps;
    private final V from;
    private final V to;
    private final List<B> moved = new ArrayList<>();
    private long drainNanos;
    private long attachNanos;
    private long longestNanos;

    public HandOver(Steps<V, B> steps, V from, V to) {
        this.steps = steps;
        this.from = from;
        this.to = to;
    }

    /**
     * Moves these devices.
     *
     * @throws StorageException why one could not be moved, and which ones did not get back; the others are where they were
     */
    public Moved run(List<B> bdevs) throws StorageException {
        for (B bdev : bdevs) {
            long begun = steps.nowNanos();
            if (steps.take(from, bdev)) {
                long taken = steps.nowNanos();
                attach(bdev, bdevs);
                moved.add(bdev);
                long ended = steps.nowNanos();
                drainNanos += taken - begun;
                attachNanos += ended - taken;
                longestNanos = Math.max(longestNanos, ended - begun);
            }
        }
        return new Moved(moved.stream().map(steps::name).toList(), drainNanos, attachNanos, longestNanos);
    }

    private void attach(B bdev, List<B> all) throws StorageException {
        try {
            steps.bringBack(to, bdev);
        } catch (StorageException e) {
            List<String> lost = rollBack(bdev, all);
            throw lost.isEmpty() ? e : new StorageException(e.code(), e.getMessage()
                + "; the version before could not bring back " + String.join(", ", lost), e);
        }
    }

    /**
     * Gives those that did not get back. The next version lets go of all before the old one takes any, as several may stand on one
     * thing.
     */
    private List<String> rollBack(B failed, List<B> all) {
        List<B> taken = new ArrayList<>(moved.reversed().stream().filter(bdev -> steps.take(to, bdev)).toList());
        taken.add(failed);
        List<String> lost = new ArrayList<>();
        taken.forEach(bdev -> giveBack(bdev, lost));
        for (B bdev : all) {
            if (!taken.contains(bdev) && steps.isStranded(bdev) && steps.take(from, bdev)) {
                giveBack(bdev, lost);
            }
        }
        return lost;
    }

    private void giveBack(B bdev, List<String> lost) {
        try {
            steps.bringBack(from, bdev);
        } catch (StorageException e) {
            lost.add(steps.name(bdev) + " (" + e.getMessage() + ")");
        }
    }
}
