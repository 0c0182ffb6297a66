package dev.karst.bdev.nvme;

import dev.karst.bdev.module.BdevHost;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Timer;

/** Something that is done again and again on a control thread, so long after it was done last, until it is stopped. */
final class Repetition {
    private static final long NANOS_PER_MS = 1_000_000;

    private final BdevHost host;
    private final Reactor reactor;
    private final long periodNanos;
    private final Runnable task;
    private final Timer timer = new Timer() {
        @Override
        public void expired() {
            host.environment().threads().background().execute(Repetition.this::run);
        }
    };
    private volatile boolean stopped;
    private volatile boolean again;

    /** Begins with doing it soon. */
    Repetition(BdevHost host, long periodMs, Runnable task) {
        this.host = host;
        this.task = task;
        reactor = host.reactors().next();
        periodNanos = periodMs * NANOS_PER_MS;
        host.environment().threads().background().execute(this::run);
    }

    private void run() {
        if (!stopped) {
            again = false;
            task.run();
            reactor.execute(() -> reactor.schedule(timer, again ? 0 : periodNanos));
        }
    }

    /** Does it soon, rather than when its time has come. Any thread. */
    void now() {
        again = true;
        reactor.execute(() -> {
            if (timer.isScheduled()) {
                reactor.schedule(timer, 0);
            }
        });
    }

    void stop() {
        stopped = true;
    }
}
