package dev.karst.nvme.testkit;

import dev.karst.nvme.testkit.command.SimCommand;
import java.util.ArrayDeque;
import java.util.Deque;

/** A completion queue as its controller sees it. */
final class CompletionQueue {
    final int id;
    final int entries;
    final long iova;
    /** Interrupt vector, or -1. */
    final int vector;
    /** What waits for room. */
    final Deque<SimCommand> waiting = new ArrayDeque<>();
    int head;
    int tail;
    int phase = 1;
    int users;

    CompletionQueue(int id, int entries, long iova, int vector) {
        this.id = id;
        this.entries = entries;
        this.iova = iova;
        this.vector = vector;
    }

    boolean isFull() {
        return (tail + 1) % entries == head;
    }

    /** Takes a new head; false when the host cannot have consumed that many entries. */
    boolean ring(int value) {
        if (value < 0 || value >= entries || Math.floorMod(value - head, entries) > Math.floorMod(tail - head, entries)) {
            return false;
        }
        head = value;
        return true;
    }

    /** An entry was written. */
    void advance() {
        tail = (tail + 1) % entries;
        if (tail == 0) {
            phase ^= 1;
        }
    }
}
