package dev.karst.env.sim;

import java.util.SplittableRandom;

/** All chance in a simulation, from one seed. */
public final class SimRandom {
    private final SplittableRandom source;

    public SimRandom(long seed) {
        this(new SplittableRandom(seed));
    }

    public SimRandom(SplittableRandom source) {
        this.source = source;
    }

    /** A stream of its own, so that one part drawing more does not change what another draws. */
    public SimRandom split() {
        return new SimRandom(source.split());
    }

    public long nextLong() {
        return source.nextLong();
    }

    /** 0 up to, not including, {@code bound}. */
    public int below(int bound) {
        return source.nextInt(bound);
    }

    /** {@code low} up to and including {@code high}. */
    public long between(long low, long high) {
        return source.nextLong(low, high + 1);
    }

    /** True once in {@code n} times on average; never when {@code n} is 0. */
    public boolean oneIn(int n) {
        return n > 0 && source.nextInt(n) == 0;
    }

    /** Mostly near {@code usual}, now and then up to fifty times as long: how delays are spread. */
    public long delayNanos(long usual) {
        long delay = between(1, 2 * usual);
        return oneIn(16) ? delay * between(1, 50) : delay;
    }

    /** Fills with chance. */
    public void bytes(byte[] target) {
        source.nextBytes(target);
    }
}
