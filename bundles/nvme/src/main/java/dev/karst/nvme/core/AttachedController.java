package dev.karst.nvme.core;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.env.Environment;
import dev.karst.nvme.AnaState;
import dev.karst.nvme.Command;
import dev.karst.nvme.ControllerData;
import dev.karst.nvme.ControllerMemory;
import dev.karst.nvme.ControllerOptions;
import dev.karst.nvme.Injections;
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
import dev.karst.spec.nvme.Property;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

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

    private static final long HEALTH_NANOS = 100_000_000;
    private static final long TASK_MS = 120_000;
    private static final long SHUTDOWN_MS = 10_000;
    private static final int NOTICE = 2;
    private static final int NOTICE_NAMESPACES = 0;
    private static final int NOTICE_ANA = 3;
    private static final int POLLS = 16;
    private static final int CHANGED_NAMESPACES_BYTES = 4096;
    private static final int LOG_BYTES = 512;

    private final TransportId id;
    private final ControllerOptions options;
    private final Reactors reactors;
    private final Link link;
    private final QueueCalls calls;
    private final Tasks life;
    private final Tasks notices;
    private final AdminPath admin;
    private final IoQueues queues;
    private final BringUp bringUp;
    private final Recovery recovery;
    private final Injections adminErrors = new Injections();
    private final Injections ioErrors = new Injections();
    private final List<NvmeEvents> listeners = new CopyOnWriteArrayList<>();
    private final Timer health = new Timer() {
        @Override
        public void expired() {
            checkHealth();
        }
    };
    /** For commands of the control plane; opened when first asked for. */
    private TransportQueue own;
    private volatile State state = State.RESETTING;
    private volatile String reason = "it is being attached";
    private volatile ControllerData data;
    private volatile List<NvmeNamespace> namespaces = List.of();
    private volatile boolean closing;

    /** @throws StorageException ENOMEM; the link is then the caller's to close */
    AttachedController(TransportId id, ControllerOptions options, Environment environment, Reactors reactors, Link link, Waits waits)
        throws StorageException {
        this.id = id;
        this.options = options;
        this.reactors = reactors;
        this.link = link;
        calls = new QueueCalls(environment, reactors);
        life = new Tasks(environment.threads().background(), reactors);
        notices = new Tasks(environment.threads().background(), reactors);
        TransportQueue.Owner owner = owner();
        admin = new AdminPath(
            link.adminQueue(reactors.next(), options.adminEntries() - 1, owner), calls, reactors, options.timeouts().adminMs());
        queues = new IoQueues(link, admin, reactors, waits, owner,
            new IoQueues.Patience(options.timeouts().ioMs(), () -> recover("a command takes too long")));
        bringUp = new BringUp(this, link, waits, HostIdentity.of(options, environment), reactors.all().size());
        recovery = new Recovery(this, link, reactor(), options.timeouts());
    }

    /** Brings it up for the first time; it is detached if that fails. */
    void attach() throws StorageException {
        boolean up = false;
        try {
            task("attaching", () -> {
                stop();
                start();
            });
            up = true;
        } finally {
            if (!up) {
                detach();
            }
        }
        reactors.call(reactor(), reactor -> {
            reactor.schedule(health, HEALTH_NANOS);
            return null;
        });
    }

    /** A change of its life. */
    @FunctionalInterface
    private interface Change {
        void run() throws StorageException;
    }

    private void task(String what, Change change) throws StorageException {
        life.now(() -> {
            change.run();
            return null;
        }, TASK_MS, what + " " + id);
    }

    private Reactor reactor() {
        return admin.queue().reactor();
    }

    private TransportQueue.Owner owner() {
        return new TransportQueue.Owner() {
            @Override
            public void lost(TransportQueue queue, String why) {
                if (link.isFabrics()) {
                    // Nothing touches the memory any more: whoever waits hears at once.
                    queue.reactor().execute(queue::cut);
                }
                recover("queue " + queue.id() + ": " + why);
            }

            @Override
            public void abort(TransportQueue queue, int cid) {
                admin.abort(queue.id(), cid);
            }

            @Override
            public Injections injections(int qid) {
                return AttachedController.this.injections(qid == 0);
            }
        };
    }

    /** Makes it take commands with all its queues; it is stopped. Control tasks. */
    void start() throws StorageException {
        link.connectAdmin(admin.queue());
        data = bringUp.enable(admin.queue());
        namespaces = bringUp.isDiscovery() ? List.of() : readNamespaces();
        queues.connect(bringUp.inCapsuleBytes());
        admin.listen(
            bringUp.asyncEvents(), result -> notices.later(() -> heard(result)), link.isFabrics() ? options.keepAliveMs() : 0,
            () -> recover("it does not answer keep-alives"));
        become(State.READY, "");
        tell(listener -> listener.namespacesChanged(this));
    }

    /** Stops it, so that nothing is in flight. Control tasks. */
    void stop() throws StorageException {
        link.stop();
        admin.cut();
        queues.cut();
    }

    private List<NvmeNamespace> readNamespaces() throws StorageException {
        Map<Long, AnaState> ana = data.ana().reported() ? AnaReader.read(admin, data.ana()) : Map.of();
        return new NamespaceReader(admin, data, ana, link.quirks()).all();
    }

    /** Does an admin command, whatever the state. */
    <T> T call(Command command, QueueCalls.Reader<T> reader) throws StorageException {
        return admin.call(command, reader);
    }

    /** It is in this state now. */
    void become(State next, String why) {
        boolean changed = state != next;
        reason = why;
        state = next;
        if (changed) {
            LOG.log(next == State.READY ? Level.INFO : Level.WARNING, "{0} is {1}{2}", id, next, why.isEmpty() ? "" : ": " + why);
            tell(listener -> listener.stateChanged(this, next));
        }
    }

    /** An attempt to bring it up failed: it is stopped again. Control tasks. */
    void failed(String why) {
        reason = why;
        try {
            stop();
        } catch (StorageException e) {
            LOG.log(Level.WARNING, "{0} cannot be stopped: {1}", id, e.getMessage());
        }
    }

    private void tell(Consumer<NvmeEvents> event) {
        notices.later(() -> listeners.forEach(event));
    }

    /** Whether it is being detached, or is. */
    boolean isClosing() {
        return closing;
    }

    /** Does a piece of work of its life when all that came before is done. Any thread. */
    void later(Runnable task) {
        life.later(task);
    }

    /** Brings it back, in the background. Any thread. */
    private void recover(String why) {
        if (!closing) {
            recovery.ask(why);
        }
    }

    /** On the admin queue's reactor. */
    private void checkHealth() {
        Link.Health now = link.health();
        if (now == Link.Health.GONE && state != State.REMOVED) {
            life.later(recovery::removed);
            return;
        }
        if (now == Link.Health.FATAL && state == State.READY) {
            recover("it reports a fatal error (CSTS.CFS)");
        }
        admin.queue().poll(POLLS);
        reactor().schedule(health, HEALTH_NANOS);
    }

    /** In a task of the notices: reads what the event points at, which lets the controller say such a thing again. */
    private void heard(long result) {
        int type = AsyncEvents.type(result);
        int info = AsyncEvents.info(result);
        int page = AsyncEvents.logPage(result);
        LOG.log(Level.DEBUG, "{0} says: type {1}, information {2}, log page {3}", id, type, info, page);
        try {
            if (type == NOTICE && info == NOTICE_NAMESPACES) {
                call(Admin.logPage(page, 0, CHANGED_NAMESPACES_BYTES), (ignored, address) -> null);
                namespaces = readNamespaces();
                listeners.forEach(listener -> listener.namespacesChanged(this));
            } else if (type == NOTICE && info == NOTICE_ANA) {
                namespaces = readNamespaces();
                listeners.forEach(listener -> listener.anaChanged(this));
            } else if (page != 0) {
                call(Admin.logPage(page, 0, LOG_BYTES), (ignored, address) -> null);
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
        return queues.open(reactor, data.limits(), bringUp.inCapsuleBytes());
    }

    private void requireReady() throws StorageException {
        if (state != State.READY) {
            throw StorageException.errno(Errno.ENOTCONN, id + " is " + state + (reason.isEmpty() ? "" : ": " + reason));
        }
    }

    @Override
    public void closeQueuePair(NvmeQueuePair queue) throws StorageException {
        task("closing a queue pair of", () -> queues.close(
            (TransportQueue) queue, state == State.READY, () -> recovery.now("queue " + queue.id() + " cannot be deleted")));
    }

    @Override
    public Reply admin(Command command) throws StorageException {
        return reply(admin.queue(), command);
    }

    @Override
    public Reply io(Command command) throws StorageException {
        return reply(life.now(this::own, TASK_MS, "a queue pair of " + id), command);
    }

    private TransportQueue own() throws StorageException {
        if (own == null) {
            own = open(reactor());
        }
        return own;
    }

    private Reply reply(TransportQueue queue, Command command) throws StorageException {
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
    public void submitAdmin(NvmeRequest request) {
        admin.submit(request);
    }

    @Override
    public Optional<ControllerMemory> buffer() {
        return link.buffer();
    }

    @Override
    public Optional<ControllerMemory> persistent() {
        return link.persistent();
    }

    @Override
    public Injections injections(boolean admin) {
        return admin ? adminErrors : ioErrors;
    }

    @Override
    public void reset() throws StorageException {
        task("resetting", () -> resetNow("it is being reset"));
    }

    @Override
    public void resetSubsystem() throws StorageException {
        if (!Property.has(data.cap(), Property.CAP_NSSRS)) {
            throw StorageException.errno(Errno.EOPNOTSUPP, id + " has no NVM subsystem reset (CAP.NSSRS)");
        }
        task("resetting the subsystem of", () -> {
            link.writeProperty(Property.NSSR, 4, Property.NSSR_RESET);
            resetNow("its subsystem is being reset");
        });
    }

    private void resetNow(String why) throws StorageException {
        if (state == State.DETACHED || state == State.REMOVED) {
            throw StorageException.errno(Errno.ENODEV, id + " is " + state);
        }
        become(State.RESETTING, why);
        if (!recovery.tried()) {
            String failure = reason;
            if (state == State.REMOVED) {
                throw StorageException.errno(Errno.ENODEV, id + " is gone");
            }
            become(recovery.afterFailure(), failure);
            throw StorageException.errno(Errno.EIO, id + " did not come back: " + failure);
        }
        recovery.settle();
    }

    @Override
    public void detach() {
        closing = true;
        try {
            task("detaching", this::detachNow);
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
        recovery.settle();
        reactors.call(reactor(), reactor -> {
            reactor.cancel(health);
            return null;
        });
        if (ready) {
            queues.quiesce();
            bringUp.shutDown(SHUTDOWN_MS);
        }
        failed(reason);
        queues.release();
        admin.queue().release();
        link.close();
    }
}
