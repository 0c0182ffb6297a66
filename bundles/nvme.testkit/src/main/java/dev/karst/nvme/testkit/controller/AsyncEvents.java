package dev.karst.nvme.testkit.controller;

import dev.karst.nvme.testkit.command.SimCommand;
import dev.karst.spec.nvme.NvmeStatus;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.function.Consumer;

/** Asynchronous event requests and what they wait for. NVMe Base 2.1, 5.1.2. */
public final class AsyncEvents {
    /** Types of events. */
    public static final int ERROR = 0;
    public static final int HEALTH = 1;
    public static final int NOTICE = 2;
    public static final int IO = 6;

    /** {@link #NOTICE}: namespaces changed. */
    public static final int NAMESPACES_CHANGED = 0;
    /** {@link #NOTICE}: firmware is activated. */
    public static final int FIRMWARE_ACTIVATION = 1;
    /** {@link #NOTICE}: the states of ANA groups changed. */
    public static final int ANA_CHANGED = 3;

    private static final int INFO_SHIFT = 8;
    private static final int LOG_SHIFT = 16;
    private static final int MOST_PENDING = 16;

    private record Event(int type, int info, int logPage) {}

    private final int most;
    private final Consumer<SimCommand> completer;
    private final Deque<SimCommand> requests = new ArrayDeque<>();
    private final Deque<Event> pending = new ArrayDeque<>();
    /** Types that were told of, and whose log page has not been read since. */
    private final BitSet masked = new BitSet();

    /** {@code most} requests at a time; {@code completer} is given those that are answered. */
    public AsyncEvents(int most, Consumer<SimCommand> completer) {
        this.most = most;
        this.completer = completer;
    }

    /** A request came; its status, or {@link ControllerState#PENDING}. */
    public int request(SimCommand command) {
        if (requests.size() >= most) {
            return NvmeStatus.ASYNC_EVENT_REQUEST_LIMIT_EXCEEDED | NvmeStatus.DNR;
        }
        command.stage = SimCommand.Stage.WAITING;
        requests.add(command);
        tell();
        return ControllerState.PENDING;
    }

    /** Something happened that a log page tells more of. */
    public void happened(int type, int info, int logPage) {
        var event = new Event(type, info, logPage);
        if (pending.size() < MOST_PENDING && !pending.contains(event)) {
            pending.add(event);
        }
        tell();
    }

    /** A log page was read, and the event is not to be kept. */
    public void read(int type) {
        masked.clear(type);
        tell();
    }

    /** Takes a request back, to be aborted; false when it is none that waits. */
    public boolean abort(SimCommand command) {
        return requests.remove(command);
    }

    /** How many requests wait. */
    public int waiting() {
        return requests.size();
    }

    /** The controller was reset. */
    public void reset() {
        requests.clear();
        pending.clear();
        masked.clear();
    }

    private void tell() {
        for (Event event : pending.toArray(Event[]::new)) {
            if (!requests.isEmpty() && !masked.get(event.type)) {
                masked.set(event.type);
                pending.remove(event);
                SimCommand command = requests.poll();
                command.result = event.type | (long) event.info << INFO_SHIFT | (long) event.logPage << LOG_SHIFT;
                completer.accept(command);
            }
        }
    }
}
