package dev.karst.env.sim;

import dev.karst.env.EventSet;
import java.util.ArrayList;
import java.util.List;

/** What a simulated reactor waits on. It never waits itself: the simulator asks {@link #isReady} before it goes on. */
public final class SimEventSet extends EventSet {
    private final SimRandom random;
    private final SimTrace trace;
    private final List<SimSource> pending = new ArrayList<>();
    private boolean woken;
    private boolean closed;

    SimEventSet(SimRandom random, SimTrace trace) {
        this.random = random;
        this.trace = trace;
    }

    /** Whether a wait would end at once. */
    public boolean isReady() {
        return woken || !pending.isEmpty();
    }

    /** Delivers in random order what is pending, and nothing that becomes so meanwhile. */
    @Override
    public int poll(long timeoutNanos) {
        assert !closed : "polled after close";
        woken = false;
        int ready = pending.size();
        for (int i = 0; i < ready && !pending.isEmpty(); i++) {
            SimSource source = pending.remove(random.below(Math.min(pending.size(), ready - i)));
            source.taken();
            source.deliver();
        }
        if (ready > 0) {
            trace.event("ready", ready, 0);
        }
        return ready;
    }

    @Override
    public void wake() {
        woken = true;
    }

    @Override
    public void close() {
        closed = true;
    }

    void enqueue(SimSource source) {
        pending.add(source);
    }

    void dequeue(SimSource source) {
        pending.remove(source);
    }
}
