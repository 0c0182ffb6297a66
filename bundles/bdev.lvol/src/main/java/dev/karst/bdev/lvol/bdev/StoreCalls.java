package dev.karst.bdev.lvol.bdev;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.lvol.base.Base;
import dev.karst.bdev.lvol.store.LvolStore;
import dev.karst.bdev.lvol.store.Outcome;
import dev.karst.bdev.lvol.store.StoreCheck;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntPredicate;

/** What a store is asked on its reactor, and control threads wait for. */
final class StoreCalls {
    /** As long as copying a large volume may take. */
    private static final long PATIENCE_MS = 24 * 3_600_000L;
    /** Between two looks at how far a check has come. */
    private static final long STEP_MS = 200;
    private static final int WHOLE = 100;

    private StoreCalls() {}

    /** What is begun on the reactor. */
    interface Start<T> {
        /** @throws StorageException instead of an outcome */
        void with(Outcome<T> outcome) throws StorageException;
    }

    /** @throws StorageException what it failed with */
    static <T> T wait(Base base, Start<T> start) throws StorageException {
        return base.host().reactors().await(begin(base, start), PATIENCE_MS, "the lvol store on " + base.name());
    }

    private static <T> CompletableFuture<T> begin(Base base, Start<T> start) {
        var future = new CompletableFuture<T>();
        Outcome<T> outcome = (value, failure) -> {
            if (failure != null) {
                future.completeExceptionally(failure);
            } else {
                future.complete(value);
            }
        };
        base.reactor().execute(() -> {
            try {
                start.with(outcome);
            } catch (StorageException e) {
                outcome.failed(e);
            }
        });
        return future;
    }

    /**
     * Checks a store.
     *
     * @param goesOn told from time to time how many percent were read; false ends it
     */
    static StoreCheck check(Base base, LvolStore store, IntPredicate goesOn) throws StorageException {
        var percent = new AtomicInteger();
        var ended = new AtomicBoolean();
        CompletableFuture<StoreCheck> found = begin(base, outcome -> store.check(pages -> {
            percent.set((int) Math.min(WHOLE - 1, pages * (long) WHOLE / store.metadataPages()));
            return !ended.get();
        }, outcome));
        while (true) {
            ended.set(ended.get() || !goesOn.test(percent.get()));
            try {
                return base.host().reactors().await(found, STEP_MS, "a check of the lvol store on " + base.name());
            } catch (StorageException e) {
                if (found.isDone() || e.code() != -Errno.ETIMEDOUT) {
                    throw e;
                }
            }
        }
    }
}
