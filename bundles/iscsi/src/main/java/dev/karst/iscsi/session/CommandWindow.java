package dev.karst.iscsi.session;

import dev.karst.base.ReactorConfined;

/**
 * The command sequence numbers of a session: which are taken, and requests that came before their turn by another connection. RFC 7143,
 * 4.2.2.1.
 */
@ReactorConfined
final class CommandWindow {
    /** Most requests at once; a power of two. */
    static final int MAX_DEPTH = 256;

    private final int depth;
    /** By the low bits of their numbers: requests that came too early. */
    private final Task[] held = new Task[MAX_DEPTH];
    /** Numbers whose requests will not come, or were refused. */
    private final boolean[] skipped = new boolean[MAX_DEPTH];
    private int expCmdSn;
    /** Requests that were taken and not answered. */
    private int outstanding;

    CommandWindow(int depth, int firstCmdSn) {
        this.depth = depth;
        expCmdSn = firstCmdSn;
    }

    int expCmdSn() {
        return expCmdSn;
    }

    /** Never goes back: what is taken and not answered counts against it, and what is answered no longer does. */
    int maxCmdSn() {
        return expCmdSn + depth - outstanding - 1;
    }

    /** Whether a request of that number is expected, now or later; any other is to be ignored. */
    boolean admits(int cmdSn) {
        int ahead = cmdSn - expCmdSn;
        return ahead >= 0 && ahead <= maxCmdSn() - expCmdSn && held[slot(cmdSn)] == null && !skipped[slot(cmdSn)];
    }

    private static int slot(int cmdSn) {
        return cmdSn & MAX_DEPTH - 1;
    }

    /** A request that {@link #admits} let in is there as a whole: {@link #next} gives it when its turn has come. */
    void arrived(Task task) {
        held[slot(task.cmdSn)] = task;
    }

    /** No request of that number is to be waited for. */
    void skip(int cmdSn) {
        held[slot(cmdSn)] = null;
        skipped[slot(cmdSn)] = true;
    }

    /** The request whose turn it is, or null. */
    Task next() {
        while (skipped[slot(expCmdSn)]) {
            skipped[slot(expCmdSn)] = false;
            expCmdSn++;
        }
        Task task = held[slot(expCmdSn)];
        if (task != null) {
            held[slot(expCmdSn)] = null;
            expCmdSn++;
            outstanding++;
        }
        return task;
    }

    /** A request that {@link #next} gave is answered, or never will be. */
    void answered() {
        outstanding--;
    }
}
