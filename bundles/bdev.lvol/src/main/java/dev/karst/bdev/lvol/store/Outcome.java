package dev.karst.bdev.lvol.store;

import dev.karst.base.StorageException;

/** Who is told what came of an operation. */
@FunctionalInterface
public interface Outcome<T> {
    /** It ended: well if there is no failure. */
    void ended(T value, StorageException failure);

    /** It ended well. */
    default void succeeded(T value) {
        ended(value, null);
    }

    /** It did not. */
    default void failed(StorageException failure) {
        ended(null, failure);
    }
}
