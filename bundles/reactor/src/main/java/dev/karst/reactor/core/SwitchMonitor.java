package dev.karst.reactor.core;

import dev.karst.env.Processors;
import dev.karst.env.Processors.Switches;
import dev.karst.reactor.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * While it is switched on, tells how often each reactor was taken off its processor since the last look: what disturbs it. A
 * reactor that rests gives its processor up by itself, which is not told.
 */
final class SwitchMonitor {
    /** One reactor counts for itself. */
    private final class Count extends Message {
        final EventLoop loop;
        /** Negative until it was counted once. */
        volatile long involuntary = -1;
        volatile boolean waits;
        long told = -1;

        Count(EventLoop loop) {
            this.loop = loop;
        }

        @Override
        public void run() {
            Switches switches = processors.threadSwitches();
            involuntary = switches.involuntary();
            waits = false;
        }
    }

    private final Processors processors;
    private final Consumer<String> log;
    private final List<Count> counts = new ArrayList<>();
    private volatile boolean enabled;

    SwitchMonitor(Processors processors, List<LoopThread> threads, Consumer<String> log) {
        this.processors = processors;
        this.log = log;
        threads.forEach(thread -> counts.add(new Count(thread.loop())));
    }

    boolean isEnabled() {
        return enabled;
    }

    void enable(boolean on) {
        enabled = on;
    }

    /** Tells what was counted since the last look, and counts anew. Always on the same thread. */
    void look() {
        if (enabled) {
            counts.forEach(this::look);
        }
    }

    private void look(Count count) {
        if (count.waits) {
            return;
        }
        long more = count.involuntary - count.told;
        if (count.told >= 0 && more > 0) {
            log.accept("reactor " + count.loop.id() + " was taken off its processor " + more + " times");
        }
        count.told = count.involuntary;
        count.waits = true;
        count.loop.send(count);
    }
}
