package dev.karst.vhost.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.StorageException;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.vhost.device.Coalescing;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CallPaceTest {
    private static final int MEASURE_MS = 10;

    private final SimWorld world = new SimWorld(1, 1);
    private final Reactor reactor = world.reactors().all().getFirst();
    private Coalescing coalescing = new Coalescing(1000, 100_000);
    private int calls;
    private CallPace pace;

    @AfterEach
    void close() {
        world.close();
    }

    private void begin() throws StorageException {
        on(_ -> {
            pace = new CallPace(reactor, () -> coalescing, () -> calls++);
            return true;
        });
    }

    private boolean on(Predicate<Reactor> what) throws StorageException {
        return world.reactors().call(reactor, what::test);
    }

    /** So many requests end in the time that is measured; whether the driver may be told at its end. */
    private boolean isDueAfter(int requests) throws Exception {
        world.runFor(MEASURE_MS);
        return on(_ -> {
            for (int i = 0; i < requests; i++) {
                pace.count();
            }
            return pace.isDue();
        });
    }

    @Test
    void shouldTellAtOnceWhenLittleEnds() throws Exception {
        begin();
        assertTrue(isDueAfter(900));
        assertTrue(on(_ -> pace.isDue()));
    }

    @Test
    void shouldTellAfterAWhileWhenMuchEnds() throws Exception {
        begin();
        assertTrue(isDueAfter(2000));
        assertFalse(on(_ -> pace.isDue()));
        assertEquals(0, calls);
        world.runFor(2);
        assertEquals(1, calls);
        assertTrue(on(_ -> pace.isDue()));
    }

    @Test
    void shouldTellAtOnceWhenNothingIsSet() throws Exception {
        coalescing = Coalescing.NONE;
        begin();
        assertTrue(isDueAfter(20_000));
        assertTrue(on(_ -> pace.isDue()));
    }

    @Test
    void shouldTellAtOnceWhenItStops() throws Exception {
        begin();
        assertTrue(isDueAfter(2000));
        assertFalse(on(_ -> pace.isDue()));
        assertTrue(on(_ -> pace.stop()));
        assertTrue(on(_ -> pace.isDue()));
        world.runFor(2);
        assertEquals(0, calls);
    }

    @Test
    void shouldNeverWaitLongerThanTenMilliseconds() {
        assertEquals(10_000_000, new Coalescing(Coalescing.MOST_DELAY_US, Coalescing.LEAST_IOPS).delayNanos(1_000_000_000L));
        assertEquals(0, new Coalescing(1000, 60_000).delayNanos(60_000));
        assertEquals(500_000, new Coalescing(1000, 60_000).delayNanos(90_000));
    }
}
