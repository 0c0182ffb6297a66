package dev.karst.env.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;

/** What the simulated world does by itself, and when: bytes arrive, disks finish. */
public final class SimSchedule {
    private record Entry(long due, long order, Runnable event) implements Comparable<Entry> {
        @Override
        public int compareTo(Entry other) {
            int byTime = Long.compare(due, other.due);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    private final SimClock clock;
    private final PriorityQueue<Entry> entries = new PriorityQueue<>();
    private final List<Runnable> lookers = new ArrayList<>();
    private long order;

    SimSchedule(SimClock clock) {
        this.clock = clock;
    }

    /** Runs the event {@code delayNanos} from now. */
    public void after(long delayNanos, Runnable event) {
        entries.add(new Entry(clock.nanos() + delayNanos, order++, event));
    }

    /**
     * Lets a device look, before each step, at what was written to its registers, which are plain memory. What follows is due
     * later than now: it schedules that with a delay of 1 at least.
     */
    public void watch(Runnable look) {
        lookers.add(look);
    }

    /** When the next event is due; {@link Long#MAX_VALUE} when there is none. */
    public long nextNanos() {
        for (int i = 0; i < lookers.size(); i++) {
            lookers.get(i).run();
        }
        return entries.isEmpty() ? Long.MAX_VALUE : entries.peek().due();
    }

    /** Whether an event is due. */
    public boolean isDue() {
        return nextNanos() <= clock.nanos();
    }

    /** Runs the next event, which must be due. */
    public void runNext() {
        assert isDue() : "the event is not due yet";
        entries.poll().event().run();
    }
}
