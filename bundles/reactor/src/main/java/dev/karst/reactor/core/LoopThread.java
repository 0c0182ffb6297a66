package dev.karst.reactor.core;

import dev.karst.base.Clock;
import dev.karst.env.Processors;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Runs an {@link EventLoop} on a platform thread of its own, bound to a processor, until it is asked to stop. */
final class LoopThread implements Runnable {
    /** How long a loop that stops goes on while it has work or file operations in flight. */
    private static final long WIND_DOWN_NANOS = 5_000_000_000L;

    private final EventLoop loop;
    private final Processors processors;
    private final Clock clock;
    private final int wantedProcessor;
    private final CountDownLatch started = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile Thread thread;

    LoopThread(EventLoop loop, Processors processors, Clock clock, int wantedProcessor) {
        this.loop = loop;
        this.processors = processors;
        this.clock = clock;
        this.wantedProcessor = wantedProcessor;
    }

    @Override
    public void run() {
        thread = Thread.currentThread();
        loop.enter();
        loop.bound(processors.pin(wantedProcessor) ? wantedProcessor : -1);
        started.countDown();
        try {
            while (!loop.isStopRequested()) {
                if (!loop.round()) {
                    rest();
                }
            }
            windDown();
        } finally {
            loop.leave();
            ended.countDown();
        }
    }

    EventLoop loop() {
        return loop;
    }

    /** The thread, once it runs. */
    Thread thread() {
        return thread;
    }

    /** Waits until the thread is bound; false if it does not come. */
    boolean awaitStart(long timeoutMs) throws InterruptedException {
        return started.await(timeoutMs, TimeUnit.MILLISECONDS);
    }

    /** Waits until the thread has ended; false if it does not. */
    boolean awaitEnd(long timeoutMs) throws InterruptedException {
        return ended.await(timeoutMs, TimeUnit.MILLISECONDS);
    }

    private void rest() {
        long nanos = loop.restNanos();
        if (nanos == 0) {
            Thread.onSpinWait();
        } else {
            loop.sleep(nanos);
        }
    }

    private void windDown() {
        long deadline = clock.nanos() + WIND_DOWN_NANOS;
        do {
            loop.round();
        } while ((loop.hasWork() || loop.filesInFlight() > 0) && clock.nanos() < deadline);
        loop.close();
    }
}
