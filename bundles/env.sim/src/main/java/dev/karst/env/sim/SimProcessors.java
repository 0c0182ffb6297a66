package dev.karst.env.sim;

import dev.karst.env.Processors;
import java.util.stream.IntStream;

/** As many processors as a test wants. */
public final class SimProcessors implements Processors {
    private final int count;
    private final SimClock clock;

    SimProcessors(int count, SimClock clock) {
        this.count = count;
        this.clock = clock;
    }

    @Override
    public int[] available() {
        return IntStream.range(0, count).toArray();
    }

    @Override
    public boolean pin(int processor) {
        return processor >= 0 && processor < count;
    }

    @Override
    public long threadNanos() {
        return clock.elapsedNanos();
    }
}
