package dev.karst.iscsi.session;

import dev.karst.base.ReactorConfined;
import dev.karst.stream.SlotPool;

/** The requests of one connection, and which has which tag. */
@ReactorConfined
final class TaskTable extends SlotPool<Task> {
    private final Connection connection;
    /** By the low bits of their tags, then the next that is free. */
    private Task[] byItt;

    TaskTable(Connection connection, int limit, int spaceBytes) {
        super(connection.group().memory(), "iscsi tasks", limit, spaceBytes, Task.OWN_BYTES);
        this.connection = connection;
        byItt = new Task[Integer.highestOneBit(4 * limit - 1)];
    }

    @Override
    protected Task make(int slot, long space, long own) {
        Task task = new Task(connection, slot, space, own);
        connection.session().prepare(task);
        return task;
    }

    /** The request with that tag, or null. */
    Task byItt(int itt) {
        for (int at = place(itt); byItt[at] != null; at = after(at)) {
            if (byItt[at].itt == itt) {
                return byItt[at];
            }
        }
        return null;
    }

    private int place(int itt) {
        int mixed = itt * 0x9e3779b9;
        return (mixed ^ mixed >>> 16) & byItt.length - 1;
    }

    private int after(int at) {
        return at + 1 & byItt.length - 1;
    }

    /** The request has its tag from now on. */
    void enter(Task task) {
        int at = place(task.itt);
        while (byItt[at] != null) {
            at = after(at);
        }
        byItt[at] = task;
    }

    /** Forgets the tag, and closes the gap. */
    void leave(Task task) {
        int gap = place(task.itt);
        while (byItt[gap] != task) {
            gap = after(gap);
        }
        byItt[gap] = null;
        for (int at = after(gap); byItt[at] != null; at = after(at)) {
            int home = place(byItt[at].itt);
            boolean mayStay = gap <= at ? home > gap && home <= at : home > gap || home <= at;
            if (!mayStay) {
                byItt[gap] = byItt[at];
                byItt[at] = null;
                gap = at;
            }
        }
    }
}
