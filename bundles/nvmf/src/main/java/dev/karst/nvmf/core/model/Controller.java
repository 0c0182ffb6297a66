package dev.karst.nvmf.core.model;

import dev.karst.base.StateReader;
import dev.karst.base.StateWriter;
import dev.karst.base.StorageException;
import dev.karst.nvmf.TransportOptions;
import dev.karst.nvmf.core.reservation.ReservationNotices;
import dev.karst.reactor.Message;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Timer;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Property;
import dev.karst.spec.nvmf.ConnectCommand;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongConsumer;

/**
 * A controller: what one host has of one subsystem, from the Connect of its admin queue to the end of its last queue.
 * It belongs to the reactor of its admin queue; from elsewhere only what is final, and messages.
 */
public final class Controller {
    /** CAP.TO: 15 s in units of 500 ms. */
    public static final int TIMEOUT = 30;

    /** Abort commands at once; ACL + 1. */
    public static final int ABORT_LIMIT = 4;

    /** How long a controller that is not enabled is kept. */
    private static final long ASSOCIATION_MS = 120_000;
    private static final long TIMEOUT_UNIT_MS = 500;
    private static final int SHN_NORMAL = 1;
    private static final int SQES = 6;
    private static final int CQES = 4;
    private static final long NANOS_PER_MS = 1_000_000;

    public final Subsystem subsystem;
    public final int cntlid;
    public final String hostNqn;
    public final UUID hostId;
    public final TargetQueue adminQueue;
    /** The listener that it was made at; null for one that only the discovery service uses. */
    public final Listener listener;
    public final TransportOptions options;
    public final AsyncEvents events;
    public final ReservationNotices reservations;
    public final Features features;
    public final ErrorLog errors = new ErrorLog();

    private final ReactorGroup group;
    private final Timer keepAlive = new Timer() {
        @Override
        public void expired() {
            end("no Keep Alive came within " + features.katoMs() + " ms");
            adminQueue.disconnect("Keep Alive timeout");
        }
    };
    /** A host that disables or shuts down its controller and then forgets it. */
    private final Timer association = new Timer() {
        @Override
        public void expired() {
            disconnect("the controller was not enabled for " + ASSOCIATION_MS + " ms");
        }
    };
    /** What the host waits for does not come. */
    private final Timer stopLimit = new Timer() {
        @Override
        public void expired() {
            csts |= Property.CSTS_CFS;
            disconnectIoQueues("the controller did not stop in time");
        }
    };
    /** On its way to this reactor, at most once, so that many errors cost no more than one. */
    private final AtomicBoolean errorOnItsWay = new AtomicBoolean();
    private final Message errorNotice = new Message() {
        @Override
        public void run() {
            errorOnItsWay.set(false);
            events.internalError();
        }
    };
    /** By queue identifier; place 0 stays empty. */
    private final TargetQueue[] ioQueues;
    private volatile int ioQueueCount;
    private int cc;
    private int csts;
    private boolean ended;
    private boolean adminReleased;
    private int aborts;
    private boolean flushing;
    /** Admin commands that wait for the subsystem to go on. */
    private final ArrayDeque<Command> held = new ArrayDeque<>();

    public Controller(Subsystem subsystem, int cntlid, ConnectFields connect, TargetQueue adminQueue) {
        this.subsystem = subsystem;
        this.cntlid = cntlid;
        this.adminQueue = adminQueue;
        hostNqn = connect.hostNqn();
        hostId = connect.hostId();
        group = adminQueue.group;
        listener = subsystem.listener(adminQueue.connection.listener());
        options = adminQueue.connection.options();
        ioQueues = new TargetQueue[subsystem.discovery ? 1 : options.maxIoQueues() + 1];
        events = new AsyncEvents();
        reservations = new ReservationNotices(subsystem.maxNamespaces);
        features = new Features(this, connect.katoMs());
        keepAlive();
    }

    public Reactor reactor() {
        return group.reactor;
    }

    public ReactorGroup group() {
        return group;
    }

    /** I/O queues now; any thread. */
    public int ioQueueCount() {
        return ioQueueCount;
    }

    /** I/O queues that the host may make. */
    public int maxIoQueues() {
        return ioQueues.length - 1;
    }

    public boolean isReady() {
        return (csts & Property.CSTS_RDY) != 0 && !ended;
    }

    /** The host is alive, or changed its time: counts from now. */
    public void keepAlive() {
        if (features.katoMs() == 0 || ended) {
            group.reactor.cancel(keepAlive);
        } else {
            group.reactor.schedule(keepAlive, features.katoMs() * NANOS_PER_MS);
        }
    }

    /**
     * Takes an I/O queue in.
     *
     * @return the status in the low half and, for Connect Invalid Parameters, dword 0 of the response in the high half
     */
    public long admit(TargetQueue queue, int queueId) {
        boolean sizes = Property.field(cc, Property.CC_IOSQES_SHIFT, 4) == SQES
            && Property.field(cc, Property.CC_IOCQES_SHIFT, 4) == CQES;
        if (ended || !isReady() || (cc & Property.CC_EN) == 0 || !sizes) {
            return ConnectFields.invalid(ConnectCommand.QID.offset());
        } else if (queueId > maxIoQueues()) {
            return ConnectFields.invalid(ConnectCommand.QID.offset());
        } else if (ioQueues[queueId] != null) {
            return NvmeStatus.INVALID_QUEUE_IDENTIFIER;
        }
        ioQueues[queueId] = queue;
        ioQueueCount++;
        return NvmeStatus.SUCCESSFUL_COMPLETION;
    }

    /** Asks it, from the queue's reactor, to {@link #admit} an I/O queue; {@code answer} runs there. */
    public void admit(TargetQueue queue, int queueId, LongConsumer answer) {
        if (group == queue.group) {
            answer.accept(admit(queue, queueId));
            return;
        }
        group.reactor.execute(() -> {
            long outcome = admit(queue, queueId);
            queue.group.reactor.execute(() -> answer.accept(outcome));
        });
    }

    /** A queue that was taken in went before it heard. */
    public void withdraw(int queueId) {
        ioQueues[queueId] = null;
        ioQueueCount--;
        settle();
    }

    /** A queue has gone, all of its commands ended. Called on the queue's reactor. */
    public void queueReleased(TargetQueue queue) {
        if (group.reactor.isCurrent()) {
            forget(queue);
        } else {
            group.reactor.execute(() -> forget(queue));
        }
    }

    private void forget(TargetQueue queue) {
        if (queue == adminQueue) {
            adminReleased = true;
            settle();
        } else if (ioQueues[queue.qid()] == queue) {
            withdraw(queue.qid());
        }
    }

    /** Does what waited for the I/O queues to go. */
    private void settle() {
        if (ioQueueCount > 0) {
            return;
        }
        if ((cc & Property.CC_EN) == 0) {
            csts &= ~Property.CSTS_RDY;
        }
        if ((csts & Property.CSTS_SHST) == Property.CSTS_SHST_OCCURRING && !flushing) {
            shutDown();
        } else if (!flushing) {
            group.reactor.cancel(stopLimit);
        }
        if (ended && adminReleased) {
            subsystem.gone(this);
        }
    }

    /** The I/O queues have gone: makes durable what they wrote, if the host can wait for it. */
    private void shutDown() {
        if (Property.field(cc, Property.CC_SHN_SHIFT, 2) != SHN_NORMAL) {
            shutDownComplete(true);
            return;
        }
        flushing = true;
        ShutdownFlush.begin(this, this::shutDownComplete);
    }

    private void shutDownComplete(boolean clean) {
        flushing = false;
        if ((csts & Property.CSTS_SHST) == Property.CSTS_SHST_OCCURRING) {
            csts = csts & ~Property.CSTS_SHST | Property.CSTS_SHST_COMPLETE | (clean ? 0 : Property.CSTS_CFS);
        }
        group.reactor.cancel(stopLimit);
    }

    /** Ends the association: every queue goes. The admin queue is closed by the caller, or is closing. */
    public void end(String why) {
        if (ended) {
            return;
        }
        ended = true;
        group.reactor.cancel(keepAlive);
        group.reactor.cancel(association);
        group.reactor.cancel(stopLimit);
        events.abort();
        disconnectIoQueues(why);
        settle();
    }

    /** It never came to be: its queue does not know it. */
    public void discard() {
        ended = true;
        keepAlive();
        group.reactor.cancel(association);
    }

    /** Whether a successor can go on with it now: nothing is being ended that its host waits for. */
    public boolean canLeave() {
        return !ended && !stopLimit.isScheduled() && !flushing;
    }

    /** Ends, while its queues and its host do not: they are a successor's. */
    void leave() {
        ended = true;
        group.reactor.cancel(keepAlive);
        group.reactor.cancel(association);
        events.forget();
    }

    /** Writes what a successor needs. */
    public void save(StateWriter state) {
        state.number(cc).number(csts);
        features.save(state);
        events.save(state);
        reservations.save(state);
        errors.save(state);
    }

    /** Goes on from what was saved. */
    public void restore(StateReader state) throws StorageException {
        cc = (int) state.number();
        csts = (int) state.number();
        features.restore(state);
        events.restore(state, Math.max(1, subsystem.maxNamespaces));
        reservations.restore(state);
        errors.restore(state);
        if (!isReady()) {
            group.reactor.schedule(association, ASSOCIATION_MS * NANOS_PER_MS);
        }
        keepAlive();
    }

    /** Ends the association from outside; the host sees its connections close. */
    public void disconnect(String why) {
        end(why);
        adminQueue.disconnect(why);
    }

    private void disconnectIoQueues(String why) {
        for (TargetQueue queue : ioQueues) {
            if (queue != null) {
                queue.group.reactor.execute(() -> queue.disconnect(why));
            }
        }
    }

    /** All queues, the admin queue first. */
    public List<TargetQueue> queues() {
        var queues = new ArrayList<TargetQueue>(List.of(adminQueue));
        for (TargetQueue queue : ioQueues) {
            if (queue != null) {
                queues.add(queue);
            }
        }
        return queues;
    }

    /** The I/O queue of this number, or null. */
    public TargetQueue ioQueue(int queueId) {
        return queueId > 0 && queueId < ioQueues.length ? ioQueues[queueId] : null;
    }

    /** Where the host reads what a property holds; -1 for none of this offset and length. */
    public long property(int offset, boolean eightBytes) {
        if (eightBytes) {
            return offset == Property.CAP ? Property.cap(options.maxQueueDepth(), TIMEOUT) : -1;
        }
        return switch (offset) {
            case Property.VS -> Property.VS_2_0;
            case Property.CC -> cc & 0xffff_ffffL;
            case Property.CSTS -> csts;
            case Property.CRTO -> TIMEOUT;
            default -> -1;
        };
    }

    /** The host sets CC. NVMe Base 2.1, 3.5. */
    public void configure(int value) {
        int changed = cc ^ value;
        boolean shutDown = Property.field(cc, Property.CC_SHN_SHIFT, 2) == 0
            && Property.field(value, Property.CC_SHN_SHIFT, 2) != 0;
        cc = value;
        if ((changed & Property.CC_EN) != 0) {
            if ((value & Property.CC_EN) != 0) {
                csts = Property.CSTS_RDY;
                group.reactor.cancel(association);
                group.reactor.cancel(stopLimit);
            } else {
                stop("the host reset the controller");
                features.reset();
                reservations.reset();
            }
        }
        if (shutDown) {
            csts = csts & ~Property.CSTS_SHST | Property.CSTS_SHST_OCCURRING;
            stop("the host shut the controller down");
        }
        keepAlive();
    }

    private void stop(String why) {
        group.reactor.schedule(association, ASSOCIATION_MS * NANOS_PER_MS);
        group.reactor.schedule(stopLimit, TIMEOUT * TIMEOUT_UNIT_MS * NANOS_PER_MS);
        events.abort();
        disconnectIoQueues(why);
        settle();
    }

    /** A command ended with an error. Any reactor of its queues. */
    void failed(int qid, long sqe, int status) {
        errors.record(qid, sqe, status);
        boolean internal = (status & ~NvmeStatus.DNR) == NvmeStatus.INTERNAL_ERROR;
        if (internal && errorOnItsWay.compareAndSet(false, true)) {
            group.reactor.send(errorNotice);
        }
    }

    /** Keeps an admin command until the subsystem goes on. */
    public void hold(Command command) {
        command.held = true;
        held.add(command);
    }

    void drop(Command command) {
        command.held = false;
        held.remove(command);
    }

    /** Executes the admin commands that were held. */
    public void resume() {
        while (!held.isEmpty()) {
            Command command = held.remove();
            command.held = false;
            command.queue.proceed(command);
        }
    }

    /** One more Abort is executed; false when there are too many. */
    public boolean beginAbort() {
        if (aborts == ABORT_LIMIT) {
            return false;
        }
        aborts++;
        return true;
    }

    public void endAbort() {
        aborts--;
    }

    /** The namespace, or null when there is none that the host may see. */
    public Namespace namespace(long nsid) {
        Namespace namespace = nsid <= subsystem.maxNamespaces ? subsystem.namespace((int) nsid) : null;
        return namespace != null && namespace.isVisibleTo(hostNqn) ? namespace : null;
    }

    /** The namespaces that the host may see, in the order of their identifiers. */
    public List<Namespace> namespaces() {
        var visible = new ArrayList<Namespace>();
        for (Namespace namespace : subsystem.namespaces()) {
            if (namespace != null && namespace.isVisibleTo(hostNqn)) {
                visible.add(namespace);
            }
        }
        return visible;
    }

    /** A namespace that the host may see came, went or changed. */
    public void namespaceChanged(Namespace namespace) {
        if (namespace.isVisibleTo(hostNqn)) {
            events.namespaceChanged(namespace.nsid);
        }
    }

    /** The host has lost or may have a reservation: a type of notice, as the log page has it. */
    public void reservationChanged(int nsid, int type) {
        if (!ended && reservations.add(nsid, type)) {
            events.reservationChanged();
        }
    }

    @Override
    public String toString() {
        return "controller " + cntlid + " of " + subsystem.nqn;
    }
}
