package dev.karst.nvme.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class LatenciesTest {
    @Test
    void shouldTellPercentilesWithinThreePercentWhenTimesAreSpread() {
        var latencies = new Latencies();
        for (int nanos = 1; nanos <= 100_000; nanos++) {
            latencies.add(nanos);
        }
        for (int percent : new int[] {1, 10, 50, 90, 99}) {
            long found = latencies.percentile(percent);
            assertTrue(found >= percent * 1000L && found <= percent * 1032L, percent + " %: " + found);
        }
        assertEquals(100_000, latencies.percentile(100));
        assertEquals(1, latencies.least());
        assertEquals(100_000, latencies.most());
        assertEquals(50_000, latencies.mean());
    }

    @Test
    void shouldHoldTheLongestTimeWhenItIsAdded() {
        var latencies = new Latencies();
        latencies.add(Long.MAX_VALUE);
        latencies.add(0);
        assertEquals(Long.MAX_VALUE, latencies.percentile(100));
        assertEquals(0, latencies.percentile(50));
    }

    @Test
    void shouldCountBothWhenTwoArePutTogether() {
        var one = new Latencies();
        var other = new Latencies();
        one.add(10);
        other.add(20);
        one.add(other);
        assertEquals(2, one.count());
        assertEquals(15, one.mean());
    }

    @Test
    void shouldTellZerosWhenThereIsNothing() {
        var latencies = new Latencies();
        assertEquals(0, latencies.percentile(99));
        assertEquals(0, latencies.least());
        assertEquals(0, latencies.mean());
    }
}
