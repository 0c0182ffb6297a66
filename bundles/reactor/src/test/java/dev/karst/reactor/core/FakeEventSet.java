package dev.karst.reactor.core;

import dev.karst.env.EventSet;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** An event set with nothing in it but the wake-up. */
final class FakeEventSet extends EventSet {
    final AtomicInteger wakes = new AtomicInteger();
    final AtomicInteger waits = new AtomicInteger();
    private final Semaphore wakeUps = new Semaphore(0);
    volatile Runnable source;
    volatile boolean closed;
    /** What it says, whatever it does. */
    volatile boolean waiting;

    @Override
    public int poll(long timeoutNanos) {
        if (timeoutNanos > 0) {
            waits.incrementAndGet();
        }
        try {
            if (wakeUps.tryAcquire(timeoutNanos, TimeUnit.NANOSECONDS)) {
                wakeUps.drainPermits();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runnable ready = source;
        if (ready == null) {
            return 0;
        }
        source = null;
        ready.run();
        return 1;
    }

    @Override
    public void wake() {
        wakes.incrementAndGet();
        wakeUps.release();
    }

    @Override
    public boolean isWaiting() {
        return waiting;
    }

    @Override
    public void close() {
        closed = true;
    }
}
