package dev.karst.reactor.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.karst.reactor.IdlePolicy;
import dev.karst.reactor.Message;
import dev.karst.reactor.Poller;
import dev.karst.reactor.Timer;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** Nothing on the way of a message, a timer or a round is allocated. */
class AllocationTest {
    private static final int ROUNDS = 200_000;

    /** One of everything, each starting the next. */
    private static final class Work extends Message {
        final EventLoop loop;
        final Message deferred = new Message() {
            @Override
            public void run() {
                loop.schedule(timer, 0);
            }
        };
        final Timer timer = new Timer() {
            @Override
            public void expired() {
                loop.send(Work.this);
            }
        };
        final Poller poller = new Poller() {
            @Override
            public int poll() {
                return 0;
            }
        };

        Work(EventLoop loop) {
            this.loop = loop;
        }

        @Override
        public void run() {
            loop.remove(poller);
            loop.add(poller);
            loop.defer(deferred);
        }
    }

    @Test
    void shouldAllocateNothingWhenMessagesTimersAndPollersRun() {
        var environment = new FakeEnvironment(1);
        var loop = new EventLoop(0, environment, new FakeEventSet(), (_, _) -> {}, IdlePolicy.INTERRUPT, 0);
        loop.enter();
        var work = new Work(loop);
        loop.send(work);
        play(loop);
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long empty = threads.getCurrentThreadAllocatedBytes();
        long before = threads.getCurrentThreadAllocatedBytes();
        play(loop);
        long after = threads.getCurrentThreadAllocatedBytes();
        assertEquals(0, (after - before - (before - empty)) / ROUNDS, "bytes per round");
        assertEquals(2L * ROUNDS, loop.statistics().messages());
    }

    private static void play(EventLoop loop) {
        for (int i = 0; i < ROUNDS; i++) {
            loop.round();
            loop.restNanos();
            if (loop.fallAsleep()) {
                loop.wakeUp();
            }
        }
    }
}
