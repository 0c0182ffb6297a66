package dev.karst.reactor.core;

import dev.karst.reactor.Message;
import dev.karst.reactor.Reactors;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Names a reactor that is stuck: once a second it sends each a message, and one that has not run it by the next time is
 * logged with what its thread is doing, and is blocked until it has. Control plane; a thread of its own.
 */
final class Watchdog implements Runnable {
    static final long PERIOD_MS = 1_000;

    /** Asks one reactor for a sign of life. */
    private static final class Probe extends Message {
        final LoopThread thread;
        volatile boolean answered = true;
        /** How often in turn it had not answered when it was looked at. */
        int missed;

        Probe(LoopThread thread) {
            this.thread = thread;
        }

        @Override
        public void run() {
            answered = true;
            thread.loop().blocked(false);
        }
    }

    /**
     * So often in turn: once is not enough, since a machine that stood still, or gave the thread no processor, stops whoever looks as well
     * and lets the reactor answer a moment later.
     */
    private static final int MISSES = 2;

    private final List<Probe> probes = new ArrayList<>();
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Consumer<String> log;
    private final Reactors.Watcher watcher;
    private final Runnable beside;

    /** Looks after these threads, and does something else each time. */
    Watchdog(List<LoopThread> threads, Consumer<String> log, Reactors.Watcher watcher, Runnable beside) {
        this.log = log;
        this.watcher = watcher;
        this.beside = beside;
        threads.forEach(thread -> probes.add(new Probe(thread)));
    }

    @Override
    public void run() {
        try {
            while (!stopped.await(PERIOD_MS, TimeUnit.MILLISECONDS)) {
                checkAll();
                beside.run();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    void stop() {
        stopped.countDown();
    }

    /** Looks who has answered since the last time, and asks again. */
    void checkAll() {
        probes.forEach(this::check);
    }

    private void check(Probe probe) {
        EventLoop loop = probe.thread.loop();
        if (probe.answered) {
            loop.blocked(false);
            boolean wasBlocked = probe.missed >= MISSES;
            probe.missed = 0;
            if (wasBlocked) {
                log.accept("reactor " + loop.id() + " answers again");
                watcher.answers(loop);
            }
            probe.answered = false;
            loop.send(probe);
        } else if (loop.events().isWaiting()) {
            // It was woken and got no processor yet. Nobody keeps it, so nobody is to blame.
            loop.events().wake();
        } else if (++probe.missed == MISSES) {
            loop.blocked(true);
            log.accept(report(probe.thread));
            watcher.blocked(loop);
        }
    }

    /** Which reactor is stuck, and where. */
    private static String report(LoopThread thread) {
        var text = new StringBuilder("reactor ").append(thread.loop().id());
        StackTraceElement[] stack = thread.thread().getStackTrace();
        text.append(" has not answered for ").append(MISSES * PERIOD_MS).append(" ms, in the bundle of ").append(culprit(stack));
        text.append("; its thread is at");
        for (StackTraceElement frame : stack) {
            text.append("\n\tat ").append(frame);
        }
        return text.toString();
    }

    /** The package of whoever called what blocks: a bundle's name begins as its packages do. */
    private static String culprit(StackTraceElement[] stack) {
        for (StackTraceElement frame : stack) {
            String type = frame.getClassName();
            boolean platform = type.startsWith("java.") || type.startsWith("jdk.") || type.startsWith("sun.");
            if (!platform && type.indexOf('.') >= 0) {
                return type.substring(0, type.lastIndexOf('.'));
            }
        }
        return "the platform";
    }
}
