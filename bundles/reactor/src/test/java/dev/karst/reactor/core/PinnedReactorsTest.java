package dev.karst.reactor.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.reactor.IdlePolicy;
import dev.karst.reactor.Message;
import dev.karst.reactor.Reactor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Reactors on real threads. */
@Timeout(60)
class PinnedReactorsTest {
    private final FakeEnvironment environment = new FakeEnvironment(2);
    private PinnedReactors reactors;

    private void start(IdlePolicy policy) throws StorageException {
        reactors = new PinnedReactors(environment, new TestSettings("", policy.name(), 20));
    }

    @AfterEach
    void stop() {
        if (reactors != null) {
            reactors.stop();
        }
    }

    /** Sent over and over by one producer, which waits until it has run before it sends it again. */
    private static final class PingPong extends Message {
        final Semaphore ran = new Semaphore(0);
        int count;

        @Override
        public void run() {
            count++;
            ran.release();
        }
    }

    @ParameterizedTest
    @EnumSource(IdlePolicy.class)
    void shouldRunEachMessageOnceAndMissNoWakeUpWhenManyProducersSend(IdlePolicy policy) throws Exception {
        start(policy);
        int each = policy == IdlePolicy.POLL ? 2_000 : 20_000;
        List<PingPong> messages = new ArrayList<>();
        List<Thread> producers = new ArrayList<>();
        var lost = new AtomicInteger();
        for (int i = 0; i < 6; i++) {
            var message = new PingPong();
            Reactor reactor = reactors.next();
            messages.add(message);
            producers.add(Thread.ofVirtual().unstarted(() -> produce(reactor, message, each, lost)));
        }
        producers.forEach(Thread::start);
        for (Thread producer : producers) {
            producer.join();
        }
        assertEquals(0, lost.get(), "messages that were not run within 20 s");
        messages.forEach(message -> assertEquals(each, message.count));
    }

    private static void produce(Reactor reactor, PingPong message, int count, AtomicInteger lost) {
        try {
            for (int n = 0; n < count; n++) {
                reactor.send(message);
                if (!message.ran.tryAcquire(2, TimeUnit.SECONDS)) {
                    lost.incrementAndGet();
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void shouldKeepTheOrderOfEachSenderWhenReactorsFloodEachOther() throws Exception {
        start(IdlePolicy.INTERRUPT);
        var done = new CountDownLatch(2);
        var disorder = new AtomicInteger();
        for (Reactor from : reactors.all()) {
            Reactor to = reactors.all().get(1 - from.id());
            from.execute(() -> flood(to, done, disorder));
        }
        assertTrue(done.await(30, TimeUnit.SECONDS));
        assertEquals(0, disorder.get());
    }

    private static void flood(Reactor to, CountDownLatch done, AtomicInteger disorder) {
        int[] next = {0};
        int count = 100_000;
        for (int i = 0; i < count; i++) {
            int number = i;
            to.execute(() -> {
                if (number != next[0]++) {
                    disorder.incrementAndGet();
                }
                if (number == count - 1) {
                    done.countDown();
                }
            });
        }
    }

    @Test
    void shouldChangeThePolicyAtOnceWhenTheReactorSleeps() throws Exception {
        start(IdlePolicy.INTERRUPT);
        EventLoop loop = (EventLoop) reactors.all().getFirst();
        awaitSleep(0);
        loop.idlePolicy(IdlePolicy.POLL);
        long rounds = loop.statistics().rounds();
        until(() -> loop.statistics().rounds() > rounds + 10_000);
        loop.idlePolicy(IdlePolicy.INTERRUPT);
        awaitSleep(0);
        reactors.call(loop, _ -> true);
    }

    private void awaitSleep(int reactor) {
        int waits = environment.sets.get(reactor).waits.get();
        if (waits == 0) {
            until(() -> environment.sets.get(reactor).waits.get() > 0);
        }
    }

    private static void until(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            Thread.onSpinWait();
        }
    }

    @Test
    void shouldGoOnWhenSomethingThrows() throws Exception {
        start(IdlePolicy.ADAPTIVE);
        Reactor reactor = reactors.next();
        reactor.execute(() -> {
            throw new IllegalStateException("planted: this stack belongs in the log");
        });
        assertEquals(7, reactors.<Integer>call(reactor, _ -> 7));
        assertEquals(1, reactor.statistics().failures());
    }

    @Test
    void shouldRefuseToWaitWhenCalledOnAReactor() throws Exception {
        start(IdlePolicy.ADAPTIVE);
        Reactor reactor = reactors.next();
        var outcome = new CompletableFuture<Throwable>();
        reactor.execute(() -> outcome.complete(
            assertThrows(IllegalStateException.class, () -> reactors.await(new CompletableFuture<>(), 1, "nothing"))));
        assertInstanceOf(IllegalStateException.class, reactors.await(outcome, 5000, "the refusal"));
    }

    @Test
    void shouldSayWhatWasWaitedForWhenItDoesNotCome() throws Exception {
        start(IdlePolicy.ADAPTIVE);
        var late = assertThrows(StorageException.class, () -> reactors.await(new CompletableFuture<>(), 10, "a bdev"));
        assertEquals(-Errno.ETIMEDOUT, late.code());
        assertTrue(late.getMessage().contains("a bdev"));
        var failed = CompletableFuture.failedFuture(StorageException.errno(Errno.ENODEV, "gone"));
        assertEquals("gone", assertThrows(StorageException.class, () -> reactors.await(failed, 10, "x")).getMessage());
    }

    @Test
    void shouldRunWhatWasSentAndCloseEverythingWhenStopped() throws Exception {
        start(IdlePolicy.INTERRUPT);
        var ran = new AtomicInteger();
        reactors.forEach(reactor -> {
            try {
                reactor.fileRing();
            } catch (StorageException e) {
                throw new AssertionError(e);
            }
        });
        for (Reactor reactor : reactors.all()) {
            for (int i = 0; i < 10_000; i++) {
                reactor.execute(ran::incrementAndGet);
            }
        }
        reactors.stop();
        assertEquals(20_000, ran.get());
        assertTrue(environment.sets.stream().allMatch(set -> set.closed));
        assertTrue(environment.rings.stream().allMatch(ring -> ring.closed));
        start(IdlePolicy.INTERRUPT);
        assertEquals(1, reactors.<Integer>call(reactors.next(), _ -> 1));
    }

    @Test
    void shouldChangePolicyLiveWhenTheConfigurationIsModified() throws Exception {
        start(IdlePolicy.INTERRUPT);
        reactors.modified(new TestSettings("", "poll", 5));
        assertEquals(IdlePolicy.POLL, reactors.all().getFirst().idlePolicy());
    }
}
