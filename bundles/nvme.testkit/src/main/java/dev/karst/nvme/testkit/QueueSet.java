package dev.karst.nvme.testkit;

import dev.karst.base.Mem;
import dev.karst.nvme.testkit.admin.AdminCommands;
import dev.karst.nvme.testkit.admin.Queues;
import dev.karst.nvme.testkit.command.Page;
import dev.karst.nvme.testkit.command.SimCommand;
import dev.karst.nvme.testkit.controller.AsyncEvents;
import dev.karst.nvme.testkit.controller.ControllerState;
import dev.karst.nvme.testkit.controller.Faults;
import dev.karst.nvme.testkit.io.IoCommands;
import dev.karst.spec.nvme.Cqe;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Sqe;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The queues of a controller, and the way of commands through it. */
final class QueueSet implements Queues {
    private static final int BATCH = 16;
    private static final int SLOTS = 64;
    private static final int PHASE_AND_STATUS = 14;
    private static final int INVALID_DOORBELL = 1;
    private static final int UNKNOWN_DOORBELL = 0;
    private static final int ERROR_LOG = 1;

    private final SimNvme device;
    private final ControllerState state;
    private final Faults faults;
    private final Doorbells doorbells;
    private final AdminCommands admin;
    private final IoCommands io;
    private final Map<Integer, SubmissionQueue> submissions = new TreeMap<>();
    private final Map<Integer, CompletionQueue> completions = new TreeMap<>();
    /** Places for the controller's copies of entries. */
    private final Deque<Long> slots = new ArrayDeque<>();

    QueueSet(SimNvme device, ControllerState state, long doorbells, int stride) {
        this.device = device;
        this.state = state;
        this.faults = state.faults;
        this.doorbells = new Doorbells(doorbells, stride, state.traits.queuePairs, device.hostMemory());
        this.admin = new AdminCommands(state, this);
        this.io = new IoCommands(state);
    }

    void begin(int submissionEntries, long asq, int completionEntries, long acq) {
        var completionQueue = new CompletionQueue(0, completionEntries, acq, 0);
        completionQueue.users++;
        completions.put(0, completionQueue);
        submissions.put(0, new SubmissionQueue(0, submissionEntries, asq, completionQueue));
        doorbells.clear();
    }

    /** Forgets all. */
    void end() {
        for (SubmissionQueue queue : submissions.values()) {
            for (SimCommand command : queue.inFlight) {
                if (faults.lateAfterReset) {
                    postLate(queue, command);
                }
                slots.add(command.sqe);
            }
        }
        submissions.clear();
        completions.clear();
        doorbells.shadow(0, 0);
        state.setIoQueues(false);
        admin.reset();
    }

    /** A lie: the completion comes when the queue is no more. */
    private void postLate(SubmissionQueue queue, SimCommand command) {
        CompletionQueue target = queue.completions;
        byte[] entry = entry(queue, command.cid(), 0, 0, target.phase);
        long iova = target.iova + (long) target.tail * Cqe.BYTES;
        target.advance();
        device.after(2 * state.traits.usualNanos, () -> device.hostMemory().write(iova, entry, 0, Cqe.BYTES));
    }

    int inFlight() {
        int sum = -state.events.waiting();
        for (SubmissionQueue queue : submissions.values()) {
            sum += queue.inFlight.size();
        }
        return sum;
    }

    void look() {
        for (int id = 0; id <= state.traits.queuePairs; id++) {
            if (doorbells.isSubmissionRung(id)) {
                rung(submissions.get(id), id, doorbells.takeSubmission(id));
            }
            if (doorbells.isCompletionRung(id)) {
                rung(completions.get(id), id, doorbells.takeCompletion(id));
            }
        }
    }

    private void rung(SubmissionQueue queue, int id, int value) {
        if (queue == null) {
            wrongDoorbell(UNKNOWN_DOORBELL, "tail " + value + " was written to the doorbell of submission queue " + id
                + ", which is not there");
        } else if (!queue.ring(value)) {
            wrongDoorbell(INVALID_DOORBELL, "tail " + value + " of submission queue " + id + " after " + queue.tail + ", head "
                + queue.head);
        } else {
            fetchLater(queue);
            if (queue.asleep) {
                queue.asleep = false;
                pollLater(queue);
            }
        }
    }

    private void rung(CompletionQueue queue, int id, int value) {
        if (queue == null) {
            wrongDoorbell(UNKNOWN_DOORBELL, "head " + value + " was written to the doorbell of completion queue " + id
                + ", which is not there");
        } else if (!queue.ring(value)) {
            wrongDoorbell(INVALID_DOORBELL, "head " + value + " of completion queue " + id + " after " + queue.head + ", tail "
                + queue.tail);
        } else {
            postWaiting(queue);
        }
    }

    private void wrongDoorbell(int info, String what) {
        device.violation(what);
        state.events.happened(AsyncEvents.ERROR, info, ERROR_LOG);
    }

    private void pollLater(SubmissionQueue queue) {
        device.after(state.traits.usualNanos, () -> poll(queue));
    }

    /** Looks at the queue's tail in memory; goes to sleep now and then, when there is nothing, after it said so. */
    private void poll(SubmissionQueue queue) {
        if (submissions.get(queue.id) != queue || !doorbells.isShadowed(queue.id)) {
            return;
        }
        int seen = doorbells.readTail(queue.id);
        if (seen == queue.tail && state.random.oneIn(3)) {
            doorbells.sleepUntil(queue.id, queue.tail);
            seen = doorbells.readTail(queue.id);
            queue.asleep = seen == queue.tail;
        }
        if (seen != queue.tail) {
            rung(queue, queue.id, seen);
        }
        if (!queue.asleep) {
            pollLater(queue);
        }
    }

    private void fetchLater(SubmissionQueue queue) {
        if (!queue.fetching && !queue.isEmpty()) {
            queue.fetching = true;
            device.after(state.traits.usualNanos, () -> fetch(queue));
        }
    }

    private void fetch(SubmissionQueue queue) {
        queue.fetching = false;
        if (submissions.get(queue.id) != queue) {
            return;
        }
        for (int most = 1 + state.random.below(BATCH); most > 0 && !queue.isEmpty(); most--) {
            byte[] entry = new byte[Sqe.BYTES];
            if (!device.hostMemory().read(queue.iova + (long) queue.head * Sqe.BYTES, entry, 0, Sqe.BYTES)) {
                device.fail();
                return;
            }
            queue.head = (queue.head + 1) % queue.entries;
            long slot = slot();
            Mem.put(slot, entry, 0, Sqe.BYTES);
            take(queue, new SimCommand(slot, queue.id));
        }
        fetchLater(queue);
    }

    private long slot() {
        if (slots.isEmpty()) {
            long address = device.newSlots((long) SLOTS * Sqe.BYTES);
            for (int i = 0; i < SLOTS; i++) {
                slots.add(address + (long) i * Sqe.BYTES);
            }
        }
        return slots.removeFirst();
    }

    private void take(SubmissionQueue queue, SimCommand command) {
        boolean conflict = queue.hasInFlight(command.cid());
        queue.inFlight.add(command);
        int fuse = Sqe.FUSE.get(command.sqe);
        SimCommand first = queue.first;
        queue.first = null;
        if (first != null && fuse != Sqe.FUSE_SECOND) {
            finish(first, NvmeStatus.ABORTED_MISSING_FUSED | NvmeStatus.DNR);
        }
        if (conflict) {
            device.violation("CID " + command.cid() + " of submission queue " + queue.id + " is in flight twice");
            finish(command, NvmeStatus.COMMAND_ID_CONFLICT | NvmeStatus.DNR);
        } else if (fuse == Sqe.FUSE_FIRST && !command.isAdmin()) {
            queue.first = command;
        } else if (fuse == Sqe.FUSE_SECOND && first == null) {
            finish(command, NvmeStatus.ABORTED_MISSING_FUSED | NvmeStatus.DNR);
        } else {
            command.first = first;
            executeLater(command);
        }
    }

    private void executeLater(SimCommand command) {
        if (!command.isAdmin() && command.first == null && state.random.oneIn(faults.stuckOneIn)) {
            return;
        }
        if (state.random.oneIn(faults.lateOneIn)) {
            device.afterExactly(faults.lateNanos, () -> execute(command));
        } else {
            device.after(state.traits.usualNanos, () -> execute(command));
        }
    }

    private void execute(SimCommand command) {
        if (command.stage != SimCommand.Stage.FETCHED) {
            return;
        }
        if (state.random.oneIn(faults.fatalOneIn)) {
            device.fail();
            return;
        }
        int status = command.isAdmin() ? admin.execute(command) : io.execute(command);
        if (status != ControllerState.PENDING) {
            if (command.first != null) {
                finish(command.first, command.first.status);
            }
            finish(command, status);
        }
    }

    /** The command is done; its completion is posted later. */
    void finish(SimCommand command, int status) {
        command.stage = SimCommand.Stage.DONE;
        command.status = status;
        device.after(state.traits.usualNanos / 4 + 1, () -> post(command));
    }

    private void post(SimCommand command) {
        SubmissionQueue queue = submissions.get(command.queueId);
        if (command.stage != SimCommand.Stage.DONE || queue == null) {
            return;
        }
        CompletionQueue target = queue.completions;
        if (isFull(target)) {
            target.waiting.add(command);
            return;
        }
        write(queue, command);
        if (target.vector >= 0) {
            device.interrupt(target.vector);
        }
    }

    private boolean isFull(CompletionQueue queue) {
        if (doorbells.isShadowed(queue.id)) {
            takeHead(queue);
            if (queue.isFull()) {
                doorbells.completionSleepUntil(queue.id, queue.head);
                takeHead(queue);
            }
        }
        return queue.isFull();
    }

    private void takeHead(CompletionQueue queue) {
        int head = doorbells.readHead(queue.id);
        if (head != queue.head && !queue.ring(head)) {
            wrongDoorbell(INVALID_DOORBELL, "head " + head + " of completion queue " + queue.id + " in memory, after "
                + queue.head);
        }
    }

    private void postWaiting(CompletionQueue queue) {
        while (!queue.waiting.isEmpty() && !isFull(queue)) {
            post(queue.waiting.removeFirst());
        }
    }

    private void write(SubmissionQueue queue, SimCommand command) {
        CompletionQueue target = queue.completions;
        boolean stuck = state.random.oneIn(faults.phaseStuckOneIn);
        put(target, entry(queue, command.cid(), command.status, command.result, stuck ? target.phase ^ 1 : target.phase));
        if (state.random.oneIn(faults.unknownCidOneIn) && !target.isFull()) {
            put(target, entry(queue, state.random.below(1 << 16), 0, 0, target.phase));
        }
        if (state.random.oneIn(faults.duplicateOneIn)) {
            int cid = command.cid();
            device.after(2 * state.traits.usualNanos, () -> putAgain(queue, cid));
        }
        command.stage = SimCommand.Stage.POSTED;
        queue.inFlight.remove(command);
        if (command.status != 0) {
            state.errors.add(command);
        }
        slots.add(command.sqe);
    }

    /** A lie: the command ended before. */
    private void putAgain(SubmissionQueue queue, int cid) {
        CompletionQueue target = queue.completions;
        if (submissions.get(queue.id) == queue && !target.isFull()) {
            put(target, entry(queue, cid, 0, 0, target.phase));
            if (target.vector >= 0) {
                device.interrupt(target.vector);
            }
        }
    }

    private void put(CompletionQueue target, byte[] entry) {
        if (!device.hostMemory().write(target.iova + (long) target.tail * Cqe.BYTES, entry, 0, Cqe.BYTES)) {
            device.fail();
        }
        target.advance();
    }

    private byte[] entry(SubmissionQueue queue, int cid, int status, long result, int phase) {
        int head = state.random.oneIn(faults.headOutOfRangeOneIn) ? queue.entries + state.random.below(queue.entries)
            : queue.head;
        ByteBuffer entry = Page.buffer(Cqe.BYTES).putLong(0, result);
        entry.putShort(Cqe.SQHD.offset(), (short) head).putShort(Cqe.SQID.offset(), (short) queue.id);
        return entry.putShort(Cqe.CID.offset(), (short) cid).putShort(PHASE_AND_STATUS, (short) (status << 1 | phase)).array();
    }

    @Override
    public int createCompletionQueue(int id, int entries, long iova, int vector) {
        int status = checkQueue(id, entries, completions.containsKey(id));
        if (status == 0 && vector >= state.traits.vectors) {
            status = NvmeStatus.INVALID_INTERRUPT_VECTOR | NvmeStatus.DNR;
        }
        if (status == 0) {
            completions.put(id, new CompletionQueue(id, entries, iova, vector));
            state.setIoQueues(true);
        }
        return status;
    }

    private int checkQueue(int id, int entries, boolean taken) {
        if (!device.knowsEntrySizes()) {
            return NvmeStatus.INVALID_FIELD_IN_COMMAND | NvmeStatus.DNR;
        }
        if (id == 0 || id > state.traits.queuePairs || taken) {
            return NvmeStatus.INVALID_QUEUE_IDENTIFIER | NvmeStatus.DNR;
        }
        return entries < 2 || entries > state.traits.queueEntries ? NvmeStatus.INVALID_QUEUE_SIZE | NvmeStatus.DNR : 0;
    }

    @Override
    public int createSubmissionQueue(int id, int entries, long iova, int completionQueue) {
        int status = checkQueue(id, entries, submissions.containsKey(id));
        CompletionQueue target = completions.get(completionQueue);
        if (status == 0 && (target == null || completionQueue == 0)) {
            status = NvmeStatus.COMPLETION_QUEUE_INVALID | NvmeStatus.DNR;
        }
        if (status == 0) {
            target.users++;
            var queue = new SubmissionQueue(id, entries, iova, target);
            submissions.put(id, queue);
            if (doorbells.isShadowed(id)) {
                pollLater(queue);
            }
        }
        return status;
    }

    @Override
    public int deleteSubmissionQueue(int id) {
        SubmissionQueue queue = id == 0 ? null : submissions.get(id);
        if (queue == null) {
            return NvmeStatus.INVALID_QUEUE_IDENTIFIER | NvmeStatus.DNR;
        }
        for (SimCommand command : List.copyOf(queue.inFlight)) {
            if (command.stage == SimCommand.Stage.FETCHED) {
                command.stage = SimCommand.Stage.DONE;
                command.status = NvmeStatus.ABORTED_SQ_DELETION;
            }
            queue.completions.waiting.remove(command);
            post(command);
        }
        queue.inFlight.forEach(command -> slots.add(command.sqe));
        queue.completions.waiting.removeIf(command -> command.queueId == id);
        queue.completions.users--;
        submissions.remove(id);
        return 0;
    }

    @Override
    public int deleteCompletionQueue(int id) {
        CompletionQueue queue = id == 0 ? null : completions.get(id);
        if (queue == null) {
            return NvmeStatus.INVALID_QUEUE_IDENTIFIER | NvmeStatus.DNR;
        }
        if (queue.users > 0) {
            return NvmeStatus.INVALID_QUEUE_DELETION | NvmeStatus.DNR;
        }
        completions.remove(id);
        state.setIoQueues(completions.size() > 1);
        return 0;
    }

    @Override
    public boolean abort(int id, int cid) {
        SubmissionQueue queue = submissions.get(id);
        SimCommand command = queue == null ? null : queue.find(cid);
        if (command == null || command.stage == SimCommand.Stage.DONE || command.first != null || command == queue.first) {
            return false;
        }
        if (command.stage == SimCommand.Stage.WAITING) {
            state.events.abort(command);
        }
        finish(command, NvmeStatus.COMMAND_ABORT_REQUESTED);
        return true;
    }

    @Override
    public int shadowDoorbells(long shadows, long events) {
        doorbells.shadow(shadows, events);
        submissions.values().stream().filter(queue -> queue.id != 0).forEach(this::pollLater);
        return 0;
    }

    @Override
    public String toString() {
        return submissions.size() + " submission queues, " + inFlight() + " in flight";
    }
}
