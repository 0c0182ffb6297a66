package dev.karst.bdev.lvol.bdev;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.lvol.base.Base;
import dev.karst.bdev.lvol.store.LvolStore;
import dev.karst.reactor.Timer;
import java.lang.System.Logger.Level;
import java.util.function.BooleanSupplier;

/**
 * Looks after a second whether a store that takes no changes any more can take them again, and each time it cannot after twice as long, up
 * to a minute. On the reactor of the store.
 */
final class Healer {
    private static final System.Logger LOG = System.getLogger(Healer.class.getName());
    private static final long FIRST_NANOS = 1_000_000_000;
    private static final long LAST_NANOS = 60 * FIRST_NANOS;

    private final Base base;
    private final LvolStore store;
    private final BooleanSupplier closed;
    private final Runnable healed;
    private long nanos;
    /** Why the last attempt failed; null for none. */
    private String inVain;
    private final Timer look = new Timer() {
        @Override
        public void expired() {
            heal();
        }
    };

    /**
     * @param closed whether the store is not used any more
     * @param healed run on a control thread when volumes may be others than before
     */
    Healer(Base base, LvolStore store, BooleanSupplier closed, Runnable healed) {
        this.base = base;
        this.store = store;
        this.closed = closed;
        this.healed = healed;
    }

    /** The store has failed just now. */
    void failed() {
        String why = store.failure().getMessage();
        background(() -> LOG.log(Level.ERROR, "lvol store {0} on {1} takes no changes until its device works again: {2}",
            store.name(), base.name(), why));
        nanos = FIRST_NANOS;
        inVain = null;
        base.reactor().schedule(look, nanos);
    }

    /** Why the store takes no changes, and what became of the last attempt to heal it; null if it takes them. */
    String failure() {
        StorageException failure = store.failure();
        if (failure == null) {
            return null;
        }
        return failure.getMessage() + (inVain == null ? "" : "; it was not healed: " + inVain);
    }

    private void heal() {
        if (!closed.getAsBoolean()) {
            store.heal((_, failure) -> ended(failure));
        }
    }

    private void ended(StorageException failure) {
        if (failure != null) {
            failedAgain(failure);
            return;
        }
        background(() -> {
            LOG.log(Level.WARNING, "lvol store {0} on {1} takes changes again, and is as it was with the last one that was answered; what was "
                + "written since the last flush may be lost, which each volume is told by one flush that fails", store.name(), base.name());
            if (!closed.getAsBoolean()) {
                healed.run();
            }
        });
    }

    private void failedAgain(StorageException failure) {
        if (failure.code() != -Errno.EAGAIN) {
            String why = failure.getMessage();
            if (!why.equals(inVain)) {
                background(() -> LOG.log(Level.ERROR, "lvol store {0} on {1} is not healed: {2}", store.name(), base.name(), why));
            }
            inVain = why;
            nanos = Math.min(LAST_NANOS, 2 * nanos);
        }
        base.reactor().schedule(look, nanos);
    }

    private void background(Runnable task) {
        base.host().environment().threads().background().execute(task);
    }
}
