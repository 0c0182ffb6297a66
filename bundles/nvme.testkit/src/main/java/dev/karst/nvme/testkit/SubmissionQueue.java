package dev.karst.nvme.testkit;

import dev.karst.nvme.testkit.command.SimCommand;
import java.util.ArrayList;
import java.util.List;

/** A submission queue as its controller sees it. */
final class SubmissionQueue {
    final int id;
    final int entries;
    final long iova;
    final CompletionQueue completions;
    /** Fetched, and not posted yet. */
    final List<SimCommand> inFlight = new ArrayList<>();
    int head;
    int tail;
    boolean fetching;
    /** Whether the controller looks only when the doorbell is rung. */
    boolean asleep;
    /** The first of a fused pair, whose second is to come. */
    SimCommand first;

    SubmissionQueue(int id, int entries, long iova, CompletionQueue completions) {
        this.id = id;
        this.entries = entries;
        this.iova = iova;
        this.completions = completions;
    }

    /** Takes a new tail; false when the host cannot have written that many entries. */
    boolean ring(int value) {
        if (value < 0 || value >= entries) {
            return false;
        }
        int used = Math.floorMod(tail - head, entries);
        if (used + Math.floorMod(value - tail, entries) >= entries) {
            return false;
        }
        tail = value;
        return true;
    }

    boolean isEmpty() {
        return head == tail;
    }

    boolean hasInFlight(int cid) {
        return find(cid) != null;
    }

    SimCommand find(int cid) {
        for (SimCommand command : inFlight) {
            if (command.cid() == cid) {
                return command;
            }
        }
        return null;
    }
}
