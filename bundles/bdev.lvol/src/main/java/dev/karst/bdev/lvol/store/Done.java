package dev.karst.bdev.lvol.store;

/** Who is told that something ended. */
@FunctionalInterface
public interface Done {
    /** It ended with this {@link dev.karst.base.Status}. */
    void done(int status);
}
