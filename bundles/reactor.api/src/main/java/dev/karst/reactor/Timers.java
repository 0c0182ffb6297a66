package dev.karst.reactor;

import dev.karst.base.ReactorConfined;
import java.util.Arrays;

/** The timers of one reactor: a binary heap by due time. Allocates only when it grows beyond any size it had. */
@ReactorConfined
public final class Timers {
    private Timer[] heap = new Timer[64];
    private int count;

    /** Schedules, or moves if it is scheduled. */
    public void schedule(Timer timer, long dueNanos) {
        cancel(timer);
        if (count == heap.length) {
            heap = Arrays.copyOf(heap, count * 2);
        }
        timer.dueNanos = dueNanos;
        place(timer, count++);
        rise(timer);
    }

    /** Takes a timer out; one that is not scheduled is left alone. */
    public void cancel(Timer timer) {
        int hole = timer.place;
        if (hole < 0) {
            return;
        }
        timer.place = -1;
        Timer last = heap[--count];
        heap[count] = null;
        if (last != timer) {
            place(last, hole);
            rise(last);
            sink(last);
        }
    }

    /** When the next one is due; {@link Long#MAX_VALUE} when there is none. */
    public long nextNanos() {
        return count == 0 ? Long.MAX_VALUE : heap[0].dueNanos;
    }

    /** Runs those that are due, each at most once. Returns how many. */
    public int expire(long nowNanos) {
        int ran = 0;
        int most = count;
        while (ran < most && count > 0 && heap[0].dueNanos <= nowNanos) {
            Timer timer = heap[0];
            cancel(timer);
            timer.expired();
            ran++;
        }
        return ran;
    }

    /** Those that are scheduled now, in no order. Allocates. */
    public Timer[] scheduled() {
        return Arrays.copyOf(heap, count);
    }

    /** How many are scheduled. */
    public int size() {
        return count;
    }

    private void place(Timer timer, int at) {
        heap[at] = timer;
        timer.place = at;
    }

    private void rise(Timer timer) {
        int at = timer.place;
        while (at > 0 && heap[(at - 1) / 2].dueNanos > timer.dueNanos) {
            place(heap[(at - 1) / 2], at);
            at = (at - 1) / 2;
        }
        place(timer, at);
    }

    private void sink(Timer timer) {
        int at = timer.place;
        while (2 * at + 1 < count) {
            int child = 2 * at + 1;
            if (child + 1 < count && heap[child + 1].dueNanos < heap[child].dueNanos) {
                child++;
            }
            if (heap[child].dueNanos >= timer.dueNanos) {
                break;
            }
            place(heap[child], at);
            at = child;
        }
        place(timer, at);
    }
}
