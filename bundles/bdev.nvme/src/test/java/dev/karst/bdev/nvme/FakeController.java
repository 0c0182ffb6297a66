package dev.karst.bdev.nvme;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
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
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Timer;
import dev.karst.spec.nvme.GetLogPageCommand;
import dev.karst.spec.nvme.Opcode;
import dev.karst.spec.nvme.log.AnaGroupDescriptor;
import dev.karst.spec.nvme.log.AnaLog;
import dev.karst.spec.nvme.nvm.DatasetManagementRange;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** A controller of the {@link FakeDriver}; a test loses it, brings it back and changes its access. */
final class FakeController implements NvmeController {
    static final String SUBSYSTEM = "nqn.fake";
    private static final int KNOWN = ControllerData.Limits.COMPARE | ControllerData.Limits.DATASET_MANAGEMENT
        | ControllerData.Limits.WRITE_ZEROES | ControllerData.Limits.COPY;

    private final FakeDriver driver;
    private final TransportId id;
    private final ControllerOptions options;
    private final int number;
    private final List<FakeQueue> queues = new ArrayList<>();
    private final List<NvmeEvents> watchers = new ArrayList<>();
    private final Map<Integer, AnaState> ana = new ConcurrentHashMap<>();
    private final Injections injections = new Injections();
    private volatile State state = State.READY;
    /** What was done over it. */
    long commands;
    int resets;

    FakeController(FakeDriver driver, TransportId id, ControllerOptions options, int number) {
        this.driver = driver;
        this.id = id;
        this.options = options;
        this.number = number;
    }

    boolean chance(int oneIn) {
        return driver.chance(oneIn);
    }

    long mostBytes() {
        return driver.mostBytes;
    }

    FakeNamespace find(int nsid) {
        return driver.bug == FakeDriver.Bug.NOTHING_SHARED && number % 2 == 0 ? driver.others.get(nsid) : driver.namespaces.get(nsid);
    }

    FakeDriver.Bug bug() {
        return driver.bug;
    }

    /** Does it after a while. */
    void later(Reactor reactor, Runnable task) {
        var timer = new Timer() {
            @Override
            public void expired() {
                task.run();
            }
        };
        reactor.schedule(timer, 3_000_000);
    }

    AnaState ana(int nsid) {
        return ana.getOrDefault(nsid, AnaState.OPTIMIZED);
    }

    /** Another access from now on; told later. */
    void ana(int nsid, AnaState now) {
        ana.put(nsid, now);
        tell(events -> events.anaChanged(this));
    }

    void tell(Consumer<NvmeEvents> event) {
        for (NvmeEvents events : List.copyOf(watchers)) {
            driver.environment.threads().background().execute(() -> event.accept(events));
        }
    }

    /** Another state, with queues that are connected if it is ready. */
    void become(State now) {
        state = now;
        for (FakeQueue queue : queues) {
            if (now == State.READY) {
                queue.connect(0);
            } else {
                queue.reactor().execute(() -> cut(queue));
            }
        }
        tell(events -> events.stateChanged(this, now));
    }

    private static void cut(FakeQueue queue) {
        if (queue.isConnected() && queue.controller.bug() == FakeDriver.Bug.CUT_MEANS_LOST) {
            queue.disconnect();
        } else if (queue.isConnected()) {
            queue.cut();
        }
    }

    List<FakeQueue> queues() {
        return queues;
    }

    int watchers() {
        return watchers.size();
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
        return state == State.READY ? "" : "the test said so";
    }

    @Override
    public ControllerData data() {
        byte[] identify = new byte[4096];
        identify[532] = 127;
        return new ControllerData(identify, 0, 0x20100, "SN", "Model", "1.0", SUBSYSTEM, number, 2,
            new ControllerData.Limits(1 << 20, 8, 64, KNOWN, 0, true, true, 4, driver.mostBytes == Long.MAX_VALUE), new ControllerData.Ana(true, 10, 2, 2));
    }

    @Override
    public List<NvmeNamespace> namespaces() {
        return driver.namespaces.values().stream().map(this::describe).toList();
    }

    private NvmeNamespace describe(FakeNamespace namespace) {
        var limits = new NvmeNamespace.Limits(128, driver.mostZeroed, driver.mostUnmapped, 0, 1, true, 64, 64, 1, true, false, 0);
        return new NvmeNamespace(
            namespace.nsid, namespace.blocks, namespace.format, driver.idsOf(this, namespace), limits, null, ana(namespace.nsid), namespace.nsid);
    }

    /** Whether it covers more than the namespaces' limits allow. */
    boolean isTooLarge(NvmeRequest request) {
        return switch (request.opcode) {
            case Opcode.NVM_WRITE_ZEROES -> (request.cdw12and13 & 0xffff) + 1 > driver.mostZeroed;
            case Opcode.NVM_DATASET_MANAGEMENT -> DatasetManagementRange.LLB.get(request.data.address(0)) > driver.mostUnmapped;
            default -> false;
        };
    }

    @Override
    public void watch(NvmeEvents events) {
        watchers.add(events);
    }

    @Override
    public Optional<ControllerMemory> buffer() {
        return Optional.empty();
    }

    @Override
    public Optional<ControllerMemory> persistent() {
        return Optional.empty();
    }

    @Override
    public Injections injections(boolean admin) {
        return injections;
    }

    @Override
    public void unwatch(NvmeEvents events) {
        watchers.remove(events);
    }

    @Override
    public NvmeQueuePair openQueuePair(Reactor reactor) throws StorageException {
        if (state != State.READY) {
            throw StorageException.errno(Errno.ENOTCONN, "not ready");
        }
        var queue = new FakeQueue(this, queues.size() + 1, reactor);
        queue.connect(0);
        queues.add(queue);
        return queue;
    }

    @Override
    public void closeQueuePair(NvmeQueuePair queue) throws StorageException {
        driver.reactors.call(queue.reactor(), _ -> {
            cut((FakeQueue) queue);
            return null;
        });
        queues.remove(queue);
    }

    @Override
    public Reply admin(Command command) throws StorageException {
        if (state != State.READY) {
            throw StorageException.errno(Errno.ENOTCONN, "not ready");
        }
        byte[] data = new byte[command.replyBytes()];
        if (command.opcode() == Opcode.ADMIN_GET_LOG_PAGE && (command.dwords().cdw10() & 0xff) == GetLogPageCommand.LID_ANA) {
            ByteBuffer page = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
            page.putShort(AnaLog.NAGD.offset(), (short) driver.namespaces.size());
            int at = AnaLog.BYTES;
            for (FakeNamespace namespace : driver.namespaces.values()) {
                page.putInt(at, namespace.nsid);
                page.put(at + AnaGroupDescriptor.ANAS.offset(), (byte) ana(namespace.nsid).figure());
                at += AnaGroupDescriptor.BYTES;
            }
        }
        return new Reply(0, data);
    }

    @Override
    public Reply io(Command command) {
        return new Reply(0, new byte[command.replyBytes()]);
    }

    @Override
    public void submitAdmin(NvmeRequest request) {
        driver.reactors.all().getLast().execute(() -> request.end(0, 42));
    }

    @Override
    public void reset() throws StorageException {
        resets++;
        if (state == State.DETACHED || driver.unreachable.contains(id)) {
            become(State.FAILED);
            throw StorageException.errno(Errno.ECONNREFUSED, "the test said so");
        }
        become(State.RESETTING);
        driver.reactors.forEach(_ -> { });
        become(State.READY);
    }

    @Override
    public void resetSubsystem() throws StorageException {
        reset();
    }

    @Override
    public void detach() {
        if (state == State.DETACHED) {
            return;
        }
        state = State.DETACHED;
        for (FakeQueue queue : List.copyOf(queues)) {
            try {
                closeQueuePair(queue);
            } catch (StorageException e) {
                throw new AssertionError(e);
            }
        }
        driver.controllers.remove(this);
    }

    /** The driver lets go of it by itself, as it does when the transport is replaced. */
    void drop() {
        detach();
        tell(events -> events.stateChanged(this, State.DETACHED));
    }
}
