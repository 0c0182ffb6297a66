package dev.karst.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class GateTest {
    private final Gate gate = new Gate();
    private final AtomicInteger heard = new AtomicInteger();

    @Test
    void shouldHearAtOnceWhenNobodyIsInside() {
        gate.close(heard::incrementAndGet);
        assertEquals(1, heard.get());
        assertFalse(gate.enter());
    }

    @Test
    void shouldHearOnceWhenTheLastHasLeft() {
        assertTrue(gate.enter());
        assertTrue(gate.enter());
        gate.close(heard::incrementAndGet);
        gate.leave();
        assertEquals(0, heard.get());
        gate.leave();
        assertEquals(1, heard.get());
    }

    @Test
    void shouldForgetItsListenerWhenOpenedAgain() {
        assertTrue(gate.enter());
        gate.close(heard::incrementAndGet);
        gate.open();
        gate.leave();
        assertEquals(0, heard.get());
        assertTrue(gate.enter());
    }
}
