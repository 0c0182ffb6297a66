package dev.karst.nvme.core;

import dev.karst.base.Errno;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.env.Environment;
import dev.karst.nvme.AnaState;
import dev.karst.nvme.Command;
import dev.karst.nvme.ControllerData;
import dev.karst.nvme.ControllerOptions;
import dev.karst.nvme.NvmeController;
import dev.karst.nvme.NvmeEvents;
import dev.karst.nvme.NvmeNamespace;
import dev.karst.nvme.NvmeQueuePair;
import dev.karst.nvme.NvmeRequest;
import dev.karst.nvme.Reply;
import dev.karst.nvme.TransportId;
import dev.karst.nvme.core.identify.Admin;
import dev.karst.nvme.core.identify.AnaReader;
import dev.karst.nvme.core.identify.NamespaceReader;
import dev.karst.nvme.core.link.HostIdentity;
import dev.karst.nvme.core.link.Link;
import dev.karst.nvme.core.link.QueueCalls;
import dev.karst.nvme.core.link.Waits;
import dev.karst.nvme.transport.TransportQueue;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Reactors;
import dev.karst.reactor.Timer;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Opcode;
import dev.karst.spec.nvme.Property;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * One controller through its life. What changes its life (attach, reset, queues, detach) is a task, one after the other; admin commands of
 * users go to the admin queue directly; events are told one after the other, in tasks of their own.
 *
 * <pre>
 *             attach
 *               v          lost, silent, fatal, late, reset()
 *   +-------> READY -----------------------------------+
 *   |           | detach()      all ones               v
 *   |           v              +----------- RESETTING / RECONNECTING --- time over ---> FAILED
 *   |        DETACHED          v                       |                                  |
 *   |                       REMOVED                    |                                  | reset()
 *   +--------------------------------------------------+----------------------------------+
 * </pre>
 */
final class AttachedController implements NvmeController {
    private static final Logger LOG = System.getLogger(AttachedController.class.getName());

    private static final long MS = 1_000_000;
    private static final long HEALTH_NANOS = 100 * MS;
    private static final long TASK_MS = 120_000;
    private static final long SHUTDOWN_MS = 10_000;
    private static final long SLICE_NANOS = 20 * MS;
    private static final int MOST_DELAYS = 8;
    private static final int RETRY_NANOS = 1_000_000;
    private static final int NOTICE = 2;
    private static final int NOTICE_NAMESPACES = 0;
    private static final int NOTICE_ANA = 3;
    private static final int POLLS = 16;

    private final TransportId id;
    private final ControllerOptions options;
    private final Environment environment;
    private final Reactors reactors;
    private final Link link;
    private final QueueCalls calls;
    private final Waits waits;
    private final Tasks life;
    private final Tasks notices;
    private final TransportQueue admin;
    private final BringUp bringUp;
    private final List<TransportQueue> queues = new ArrayList<>();
    private final Map<TransportQueue, QueueWatch> watches = new HashMap<>();
    private final BitSet qids = new BitSet();
    private final List<NvmeEvents> listeners = new CopyOnWriteArrayList<>();
    private final Timer health = new Timer() {
        @Override
        public void expired() {
            checkHealth();
        }
    };
    private AsyncEvents events;
    private KeepAlive keepAlive;
    private TransportQueue own;
    private volatile State state = State.RESETTING;
    private volatile String reason = "it is being attached";
    private volatile ControllerData data;
    private volatile List<NvmeNamespace> namespaces = List.of();
    private volatile boolean closing;
    private volatile boolean hurry;
    private volatile boolean recovering;

    /**
     * Brings the controller up; this closes the link if that fails.
     *
     * @throws StorageException as {@link dev.karst.nvme.NvmeDriver#attach}
     */
    AttachedController(TransportId id, ControllerOptions options, Environment environment, Reactors reactors, Link link, Waits waits)
        throws StorageException {
        this.id = id;
        this.options = options;
        this.environment = environment;
        this.reactors = reactors;
        this.link = link;
        this.waits = waits;
        calls = new QueueCalls(environment, reactors);
        life = new Tasks(environment.threads().background(), reactors);
        notices = new Tasks(environment.threads().background(), reactors);
        admin = link.adminQueue(reactors.next(), options.adminEntries() - 1, owner());
        bringUp = new BringUp(this, link, waits, HostIdentity.of(options, environment), reactors.all().size());
        qids.set(0);
    }

    /** The first time. */
    void attach() throws StorageException {
        boolean up = false;
        try {
            life.now(() -> {
                comeUp();
                return null;
            }, TASK_MS, "attaching " + id);
            up = true;
        } finally {
            if (!up) {
                detach();
            }
        }
        reactors.call(admin.reactor(), reactor -> {
            reactor.schedule(health, HEALTH_NANOS);
            return null;
        });
    }

    private TransportQueue.Owner owner() {
        return new TransportQueue.Owner() {
            @Override
            public void lost(TransportQueue queue, String why) {
                queueLost(queue, why);
            }

            @Override
            public void abort(TransportQueue queue, int cid) {
                abortCommand(queue.id(), cid);
            }
        };
    }

    /** On the queue's reactor. */
    private void queueLost(TransportQueue queue, String why) {
        if (link.isFabrics()) {
            // Nothing touches the memory any more: whoever waits hears at once.
            queue.reactor().execute(() -> {
                queue.disconnect();
                queue.failAll();
            });
        }
        recover("queue " + queue.id() + ": " + why);
    }

    private void abortCommand(int qid, int cid) {
        var abort = new NvmeRequest(1) {
            @Override
            protected void ended(int status) {
                // Whether it worked shows on the command itself.
            }
        };
        abort.command(Opcode.ADMIN_ABORT, 0);
        abort.cdw10and11 = qid | (long) cid << 16;
        submitAdmin(abort);
    }

    /** Control tasks only. */
    private void comeUp() throws StorageException {
        link.stop();
        cutQueues();
        link.connectAdmin(admin);
        data = bringUp.enable(admin);
        if (bringUp.isDiscovery()) {
            namespaces = List.of();
        } else {
            namespaces = readNamespaces();
        }
        for (TransportQueue queue : queues) {
            link.connectIo(queue, admin, bringUp.inCapsuleBytes());
        }
        startEvents();
        become(State.READY, "");
    }

    /** From when this returns nothing is in flight. The device is stopped, or the connections end here. */
    private void cutQueues() throws StorageException {
        reactors.call(admin.reactor(), reactor -> {
            if (keepAlive != null) {
                keepAlive.stop();
            }
            admin.disconnect();
            admin.failAll();
            return null;
        });
        for (TransportQueue queue : queues) {
            reactors.call(queue.reactor(), reactor -> {
                queue.disconnect();
                queue.failAll();
                return null;
            });
        }
    }

    private void startEvents() throws StorageException {
        int count = bringUp.asyncEvents();
        reactors.call(admin.reactor(), reactor -> {
            events = new AsyncEvents(admin, count, this::asyncEvent);
            events.submit();
            admin.quiet(count);
            if (link.isFabrics() && options.keepAliveMs() > 0) {
                keepAlive = new KeepAlive(admin, options.keepAliveMs(), () -> recover("it does not answer keep-alives"));
                keepAlive.start();
            }
            return null;
        });
    }

    private List<NvmeNamespace> readNamespaces() throws StorageException {
        Map<Long, AnaState> ana = data.ana().reported() ? AnaReader.read(this::call, data.ana()) : Map.of();
        return new NamespaceReader(this::call, data, ana).all();
    }

    /** For those that read what the controller says. */
    <T> T call(Command command, QueueCalls.Reader<T> reader) throws StorageException {
        return calls.call(admin, command, options.timeouts().adminMs(), reader);
    }

    private void become(State next, String why) {
        boolean changed = state != next;
        reason = why;
        state = next;
        if (changed) {
            LOG.log(next == State.READY ? Level.INFO : Level.WARNING, "{0} is {1}{2}", id, next, why.isEmpty() ? "" : ": " + why);
            notices.later(() -> listeners.forEach(listener -> listener.stateChanged(this, next)));
        }
    }

    /** Brings it back, in the background. Any thread. */
    private void recover(String why) {
        if (recovering || closing) {
            return;
        }
        recovering = true;
        life.later(() -> {
            try {
                recoverNow(why);
            } finally {
                recovering = false;
            }
        });
    }

    private void recoverNow(String why) {
        if (closing || state == State.REMOVED || state == State.FAILED) {
            return;
        }
        become(link.isFabrics() ? State.RECONNECTING : State.RESETTING, why);
        long delay = options.timeouts().reconnectMs() * MS;
        long left = options.timeouts().lossMs() * MS;
        boolean forEver = options.timeouts().lossMs() < 0;
        int delays = 1;
        while (!closing && !tried()) {
            if (state == State.REMOVED) {
                return;
            }
            if (!forEver && left <= 0) {
                become(State.FAILED, reason);
                return;
            }
            left -= delay * delays;
            rest(delay * delays);
            delays = Math.min(2 * delays, MOST_DELAYS);
        }
    }

    /** Whether an attempt to bring it up was worth it. */
    private boolean tried() {
        try {
            if (link.health() == Link.Health.GONE) {
                removeNow();
                return false;
            }
            comeUp();
            notices.later(() -> listeners.forEach(listener -> listener.namespacesChanged(this)));
            return true;
        } catch (StorageException e) {
            reason = e.getMessage();
            giveUpAttempt();
            if (link.health() == Link.Health.GONE) {
                removeNow();
            }
            return false;
        }
    }

    private void giveUpAttempt() {
        try {
            link.stop();
            cutQueues();
        } catch (StorageException e) {
            LOG.log(Level.WARNING, "{0} cannot be stopped: {1}", id, e.getMessage());
        }
    }

    private void rest(long nanos) {
        long left = nanos;
        while (left > 0 && !closing && !hurry) {
            try {
                waits.pause(Math.min(left, SLICE_NANOS));
            } catch (StorageException e) {
                return;
            }
            left -= SLICE_NANOS;
        }
        hurry = false;
    }

    private void removeNow() {
        if (state == State.REMOVED) {
            return;
        }
        become(State.REMOVED, "it was pulled out");
        giveUpAttempt();
    }

    /** On the admin queue's reactor. */
    private void checkHealth() {
        Link.Health now = link.health();
        if (now == Link.Health.GONE && state != State.REMOVED) {
            life.later(this::removeNow);
            return;
        }
        if (now == Link.Health.FATAL && state == State.READY) {
            recover("it reports a fatal error (CSTS.CFS)");
        }
        admin.poll(POLLS);
        admin.reactor().schedule(health, HEALTH_NANOS);
    }

    /** On the admin queue's reactor. */
    private void asyncEvent(long result) {
        notices.later(() -> tell(result));
    }

    private void tell(long result) {
        int type = AsyncEvents.type(result);
        int info = AsyncEvents.info(result);
        int page = AsyncEvents.logPage(result);
        LOG.log(Level.DEBUG, "{0} says: type {1}, information {2}, log page {3}", id, type, info, page);
        try {
            if (type == NOTICE && info == NOTICE_NAMESPACES) {
                call(Admin.logPage(page, 0, 0, 4096), (ignored, address) -> null);
                namespaces = readNamespaces();
                listeners.forEach(listener -> listener.namespacesChanged(this));
            } else if (type == NOTICE && info == NOTICE_ANA) {
                namespaces = readNamespaces();
                listeners.forEach(listener -> listener.anaChanged(this));
            } else if (page != 0) {
                call(Admin.logPage(page, 0, 0, 512), (ignored, address) -> null);
            }
        } catch (StorageException e) {
            LOG.log(Level.WARNING, "what {0} says cannot be read: {1}", id, e.getMessage());
        }
        listeners.forEach(listener -> listener.asynchronousEvent(this, type, info, page));
    }

    @Override
    public TransportId id() {
        return id;
    }

    @Override
    public ControllerOptions options() {
        return options;
    }

    @Override
    public State state() {
        return state;
    }

    @Override
    public String reason() {
        return reason;
    }

    @Override
    public ControllerData data() {
        return data;
    }

    @Override
    public List<NvmeNamespace> namespaces() {
        return namespaces;
    }

    @Override
    public void watch(NvmeEvents listener) {
        listeners.add(listener);
    }

    @Override
    public void unwatch(NvmeEvents listener) {
        listeners.remove(listener);
    }

    @Override
    public NvmeQueuePair openQueuePair(Reactor reactor) throws StorageException {
        return life.now(() -> open(reactor), TASK_MS, "a queue pair of " + id);
    }

    private TransportQueue open(Reactor reactor) throws StorageException {
        requireReady();
        int qid = qids.nextClearBit(0);
        if (qid > data.limits().queuePairs()) {
            throw StorageException.errno(Errno.ENOSPC,
                id + " has " + data.limits().queuePairs() + " queue pairs, and all are open");
        }
        TransportQueue queue = link.ioQueue(reactor, qid, data.limits().queueEntries() - 1, owner());
        boolean open = false;
        try {
            link.connectIo(queue, admin, bringUp.inCapsuleBytes());
            open = true;
        } finally {
            if (!open) {
                recover("queue " + qid + " cannot be opened");
                let(queue);
            }
        }
        qids.set(qid);
        queues.add(queue);
        if (options.timeouts().ioMs() > 0) {
            var watch = new QueueWatch(queue, options.timeouts().ioMs(), () -> recover("a command takes too long"));
            watches.put(queue, watch);
            reactor.execute(watch::start);
        }
        return queue;
    }

    private void requireReady() throws StorageException {
        if (state != State.READY) {
            throw StorageException.errno(Errno.ENOTCONN, id + " is " + state + ": " + reason);
        }
    }

    @Override
    public void closeQueuePair(NvmeQueuePair queue) throws StorageException {
        life.now(() -> {
            close((TransportQueue) queue);
            return null;
        }, TASK_MS, "closing a queue pair of " + id);
    }

    private void close(TransportQueue queue) throws StorageException {
        if (!queues.contains(queue)) {
            return;
        }
        reactors.call(queue.reactor(), reactor -> {
            queue.connected(false);
            QueueWatch watch = watches.get(queue);
            if (watch != null) {
                watch.stop();
            }
            return null;
        });
        try {
            if (state == State.READY) {
                link.disconnectIo(queue, admin);
            }
        } catch (StorageException e) {
            LOG.log(Level.WARNING, "queue {0} of {1} cannot be deleted, so it is reset: {2}", queue.id(), id, e.getMessage());
            recoverNow("queue " + queue.id() + " cannot be deleted");
        }
        queues.remove(queue);
        watches.remove(queue);
        qids.clear(queue.id());
        let(queue);
    }

    private void let(TransportQueue queue) throws StorageException {
        reactors.call(queue.reactor(), reactor -> {
            queue.disconnect();
            queue.failAll();
            return null;
        });
        queue.release();
    }

    @Override
    public Reply admin(Command command) throws StorageException {
        return wait(admin, command);
    }

    private Reply wait(TransportQueue queue, Command command) throws StorageException {
        requireReady();
        try {
            return calls.call(queue, command, options.timeouts().adminMs());
        } catch (StorageException e) {
            if (e.code() == -Errno.ETIMEDOUT) {
                recover(e.getMessage());
            }
            throw e;
        }
    }

    @Override
    public Reply io(Command command) throws StorageException {
        return wait(life.now(this::own, TASK_MS, "a queue pair of " + id), command);
    }

    private TransportQueue own() throws StorageException {
        if (own == null) {
            own = open(admin.reactor());
        }
        return own;
    }

    @Override
    public void submitAdmin(NvmeRequest request) {
        admin.reactor().execute(() -> give(request));
    }

    private void give(NvmeRequest request) {
        int status = admin.submit(request);
        if (status == Status.NO_RESOURCE) {
            admin.reactor().schedule(new Timer() {
                @Override
                public void expired() {
                    give(request);
                }
            }, RETRY_NANOS);
        } else if (status != Status.OK) {
            request.end(
                status == Status.NOT_CONNECTED ? NvmeStatus.COMMAND_ABORTED_BY_HOST : NvmeStatus.INVALID_FIELD_IN_COMMAND, 0);
        }
    }

    @Override
    public void reset() throws StorageException {
        hurry = true;
        life.now(() -> {
            hurry = false;
            if (state == State.DETACHED || state == State.REMOVED) {
                throw StorageException.errno(Errno.ENODEV, id + " is " + state);
            }
            resetNow();
            return null;
        }, TASK_MS, "resetting " + id);
    }

    private void resetNow() throws StorageException {
        become(State.RESETTING, "it is being reset");
        if (!tried()) {
            if (state == State.REMOVED) {
                throw StorageException.errno(Errno.ENODEV, id + " is gone");
            }
            String why = reason;
            become(link.isFabrics() ? State.RECONNECTING : State.FAILED, why);
            if (link.isFabrics()) {
                recover(why);
            }
            throw StorageException.errno(Errno.EIO, id + " did not come back: " + why);
        }
    }

    @Override
    public void resetSubsystem() throws StorageException {
        if (!Property.has(data.cap(), Property.CAP_NSSRS)) {
            throw StorageException.errno(Errno.EOPNOTSUPP, id + " has no NVM subsystem reset (CAP.NSSRS)");
        }
        life.now(() -> {
            become(State.RESETTING, "its subsystem is being reset");
            link.writeProperty(Property.NSSR, 4, Property.NSSR_RESET);
            resetNow();
            return null;
        }, TASK_MS, "resetting the subsystem of " + id);
    }

    @Override
    public void detach() {
        closing = true;
        try {
            life.now(() -> {
                detachNow();
                return null;
            }, TASK_MS, "detaching " + id);
        } catch (StorageException e) {
            LOG.log(Level.WARNING, "{0} was not detached in good order: {1}", id, e.getMessage());
        }
    }

    private void detachNow() throws StorageException {
        if (state == State.DETACHED) {
            return;
        }
        boolean ready = state == State.READY;
        become(State.DETACHED, "it was detached");
        reactors.call(admin.reactor(), reactor -> {
            reactor.cancel(health);
            return null;
        });
        for (TransportQueue queue : List.copyOf(queues)) {
            if (watches.containsKey(queue)) {
                QueueWatch watch = watches.get(queue);
                reactors.call(queue.reactor(), reactor -> {
                    watch.stop();
                    return null;
                });
            }
        }
        if (ready) {
            bringUp.shutDown(SHUTDOWN_MS);
        }
        giveUpAttempt();
        for (TransportQueue queue : queues) {
            queue.release();
        }
        queues.clear();
        admin.release();
        link.close();
    }
}
