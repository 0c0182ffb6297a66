package dev.karst.base;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.karst.base.Histogram.Buckets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HistogramTest {
    private static final Buckets SPDK = Buckets.of(7, 1000, 120_000_000_000L);

    @Test
    void shouldLieAsSpdksWhenRangesAreSpdks() {
        assertEquals(new Buckets(7, 3, 30), SPDK);
        assertEquals(28 * 128, SPDK.count());
        // SPDK 26.01 at 2596100000 ticks a second gave 5 and 27: its 120 s overflow to 16.37 s there.
        assertEquals(new Buckets(7, 5, 27), Buckets.of(7, 2596, 16_373_000_000L));
    }

    @Test
    void shouldHoldEachLatencyInOneBucketWhenWithinTheRanges() {
        var random = new Random(5);
        for (int i = 0; i < 100_000; i++) {
            long nanos = 512 + (random.nextLong() & (1L << 10 + random.nextInt(27)) - 1);
            int at = SPDK.at(nanos);
            long begin = at == 0 ? 512 : SPDK.end(at - 1);
            assertEquals(true, nanos >= begin && nanos < SPDK.end(at), nanos + " in " + begin + " to " + SPDK.end(at));
        }
    }

    @Test
    void shouldCountInTheOutermostWhenOutsideOfTheRanges() {
        assertEquals(0, SPDK.at(0));
        assertEquals(0, SPDK.at(511));
        assertEquals(SPDK.count() - 1, SPDK.at(Long.MAX_VALUE));
    }

    @Test
    void shouldHaveBucketsOfOneWhenRangesBeginAtZero() {
        Buckets small = Buckets.of(3, 0, 16);
        assertEquals(new Buckets(3, 0, 1), small);
        for (int nanos = 0; nanos < 16; nanos++) {
            assertEquals(nanos, small.at(nanos));
            assertEquals(nanos + 1, small.end(nanos));
        }
    }

    @Test
    void shouldGiveTheBucketsEndWhenAskedForAPercentile() {
        var histogram = new Histogram(SPDK);
        assertEquals(0, histogram.percentileNanos(500_000));
        for (int i = 1; i <= 1000; i++) {
            histogram.tally(i * 1000L);
        }
        assertEquals(500_000, histogram.percentileNanos(500_000), 500_000 / 128.0);
        assertEquals(990_000, histogram.percentileNanos(990_000), 990_000 / 128.0);
        assertEquals(1_000_000, histogram.percentileNanos(1_000_000), 1_000_000 / 128.0);
        assertEquals(1000, histogram.total());
        assertEquals(0, histogram.upTo(500));
        assertEquals(500, histogram.upTo(500_000), 500 / 128.0 + 1);
        assertEquals(1000, histogram.upTo(1_000_000_000));
    }
}
