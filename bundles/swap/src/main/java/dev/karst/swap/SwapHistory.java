package dev.karst.swap;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;

/** The latest replacements of modules, numbered from 0 for as long as the bundle runs. Any thread. */
public final class SwapHistory {
    /** How many are kept. */
    public static final int KEPT = 64;

    private final Deque<Swap> latest = new ArrayDeque<>();
    private long next;

    /** None yet. */
    public SwapHistory() {}

    synchronized void add(Swap swap) {
        if (latest.size() == KEPT) {
            latest.removeFirst();
        }
        latest.addLast(swap);
        next++;
    }

    /** The number of one that is kept. */
    synchronized long idOf(Swap swap) {
        return next - latest.size() + List.copyOf(latest).indexOf(swap);
    }

    /** Those that are kept, oldest first, for clients. */
    synchronized List<Map<String, Object>> json() {
        List<Map<String, Object>> all = new ArrayList<>();
        long id = next - latest.size();
        for (Swap swap : latest) {
            all.add(swap.json(id++));
        }
        return all;
    }
}
