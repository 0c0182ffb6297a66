package dev.karst.nvme.core.link;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Reactors;
import dev.karst.reactor.Timer;
import java.util.concurrent.CompletableFuture;

/** How the control plane waits for a controller. Control threads. */
public final class Waits {
    private static final long LONGEST_PAUSE_NANOS = 10_000_000;
    private static final long MS = 1_000_000;
    private static final long SLACK_MS = 60_000;

    /** Something that becomes true. */
    @FunctionalInterface
    public interface Condition {
        boolean holds() throws StorageException;
    }

    private final Reactors reactors;
    private final Reactor clock;

    /** Waits by the timers of that reactor. */
    public Waits(Reactors reactors, Reactor clock) {
        this.reactors = reactors;
        this.clock = clock;
    }

    /** Lets so much time pass. */
    public void pause(long nanos) throws StorageException {
        var over = new CompletableFuture<Boolean>();
        var timer = new Timer() {
            @Override
            public void expired() {
                over.complete(true);
            }
        };
        clock.execute(() -> clock.schedule(timer, nanos));
        reactors.await(over, nanos / MS + SLACK_MS, "a pause");
    }

    /**
     * Asks until the condition holds, at first often and then each 10 ms.
     *
     * @throws StorageException ETIMEDOUT saying what was waited for
     */
    public void until(Condition condition, long timeoutMs, String what) throws StorageException {
        long pause = MS / 8;
        long left = timeoutMs * MS;
        while (!condition.holds()) {
            if (left <= 0) {
                throw StorageException.errno(Errno.ETIMEDOUT, what + " took longer than " + timeoutMs + " ms");
            }
            pause(pause);
            left -= pause;
            pause = Math.min(2 * pause, LONGEST_PAUSE_NANOS);
        }
    }
}
