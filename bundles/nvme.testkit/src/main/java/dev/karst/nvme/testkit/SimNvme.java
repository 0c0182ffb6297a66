package dev.karst.nvme.testkit;

import dev.karst.base.Mem;
import dev.karst.env.PciFunction;
import dev.karst.env.sim.SimEnvironment;
import dev.karst.env.sim.SimPciDevice;
import dev.karst.env.sim.SimRandom;
import dev.karst.env.sim.SimSchedule;
import dev.karst.nvme.testkit.command.DataPointer;
import dev.karst.nvme.testkit.command.HostMemory;
import dev.karst.nvme.testkit.controller.AsyncEvents;
import dev.karst.nvme.testkit.controller.ControllerState;
import dev.karst.nvme.testkit.controller.Faults;
import dev.karst.nvme.testkit.controller.Traits;
import dev.karst.nvme.testkit.media.SimSubsystem;
import dev.karst.spec.nvme.Property;
import java.util.ArrayList;
import java.util.List;

/**
 * A simulated NVMe controller on the PCI bus. It fetches commands in batches of any size, does them in any order, and posts
 * completions after delays, all by the seed. What the driver does wrong is noted: {@link #violations}, and {@code
 * memory().faults()}. NVMe over PCIe Transport 1.1; NVMe Base 2.1.
 */
public final class SimNvme extends SimPciDevice {
    private static final int LEAST_BAR_BYTES = 16 << 10;
    private static final int NSSRO = 1 << 4;
    private static final int ENTRIES_MASK = 0xfff;
    private static final int PAGE_MASK = 0xfff;
    private static final int NAMESPACES_EVENT = 1 << 8;
    private static final int ANA_EVENT = 1 << 11;
    private static final int EVENT_CONFIGURATION = 0x0b;
    private static final int MOST_VIOLATIONS = 100;
    private static final long READY_NANOS = 1_000_000;

    private final SimSchedule schedule;
    private final SimRandom random;
    private final Traits traits;
    private final Faults faults = new Faults();
    private final ControllerState state;
    private final HostMemory hostMemory;
    private final OwnMemory ownMemory;
    private final QueueSet queues;
    private final List<String> violations = new ArrayList<>();
    private final long registers;
    /** Counts resets: what was scheduled before one does not happen. */
    private long life;
    private int lastConfiguration;
    private boolean running;
    private boolean removed;

    /**
     * A controller of that subsystem, not plugged in yet. Namespaces that are there already are not attached to it.
     *
     * @param address PCI address
     */
    public SimNvme(SimEnvironment environment, SimRandom random, String address, SimSubsystem subsystem, Traits traits) {
        super(
            environment, random.split(),
            new PciFunction(address, traits.vendor, traits.device, traits.vendor, 0x1100, PciFunction.NVME, "", 1, -1),
                traits.vectors);
        this.schedule = environment.schedule();
        this.random = random.split();
        this.traits = traits;
        hostMemory = new HostMemory(memory());
        int stride = 4 << traits.doorbellStride;
        long wanted = Property.DOORBELLS + 2L * stride * (traits.queuePairs + 1);
        registers = addBar(0, Math.max(LEAST_BAR_BYTES, Long.highestOneBit(wanted - 1) << 1));
        ownMemory = new OwnMemory(
            registers, hostMemory, traits.bufferBytes > 0 ? addBar(OwnMemory.BUFFER_BAR, traits.bufferBytes) : 0,
                traits.bufferBytes,
            traits.persistentBytes > 0 ? addBar(OwnMemory.PERSISTENT_BAR, traits.persistentBytes) : 0, traits.persistentBytes);
        var events = new AsyncEvents(traits.eventRequests, command -> queueSet().finish(command, 0));
        state = new ControllerState(subsystem, traits, faults, new DataPointer(hostMemory, traits.sgl), events, random.split());
        queues = new QueueSet(this, state, registers + Property.DOORBELLS, stride);
        Mem.setLong(registers + Property.CAP, capabilities());
        Mem.setInt(registers + Property.VS, Property.VS_2_0);
        Mem.setInt(registers + Property.CRTO, traits.timeout);
        subsystem.onReset(this::subsystemReset);
        subsystem.watchReservations((namespace, host, notice) -> {
            if (state.isAttached(namespace) && host.equals(state.features.host())) {
                state.notice(namespace.nsid(), notice);
            }
        });
        subsystem.watch(namespace -> {
            if (state.isAttached(namespace)) {
                state.changedNamespaces.add(namespace.nsid());
                notice(NAMESPACES_EVENT, AsyncEvents.NAMESPACES_CHANGED, 4);
            }
        });
    }

    private QueueSet queueSet() {
        return queues;
    }

    private long capabilities() {
        return Property.cap(traits.queueEntries, traits.timeout) | (long) traits.doorbellStride << 32 | 1L << 36 | 1L << 43
            | (traits.persistentBytes > 0 ? 1L << 56 : 0) | (traits.bufferBytes > 0 ? 1L << 57 : 0);
    }

    /** What it remembers. */
    public ControllerState state() {
        return state;
    }

    /** What goes wrong; nothing at first. */
    public Faults faults() {
        return faults;
    }

    /** What the driver did that the standard forbids, one line each. */
    public List<String> violations() {
        return violations;
    }

    /** Whether commands are taken. */
    public boolean isRunning() {
        return running;
    }

    /** Commands that were fetched and whose completion is not posted, asynchronous event requests left out. */
    public int inFlight() {
        return queues.inFlight();
    }

    /** Gives an ANA group another state: 1 optimized, 2 non-optimized, 3 inaccessible, 4 persistent loss, 15 change. */
    public void setAna(int group, int figure) {
        state.anaStates[group - 1] = figure;
        state.anaChanges++;
        notice(ANA_EVENT, AsyncEvents.ANA_CHANGED, 0x0c);
    }

    private void notice(int enabledBy, int info, int logPage) {
        if ((state.features.value(EVENT_CONFIGURATION) & enabledBy) != 0) {
            state.events.happened(AsyncEvents.NOTICE, info, logPage);
        }
    }

    /** It breaks down. */
    public void fail() {
        stop();
        Mem.setInt(registers + Property.CSTS, Mem.getInt(registers + Property.CSTS) | Property.CSTS_CFS);
    }

    void violation(String what) {
        if (violations.size() < MOST_VIOLATIONS) {
            violations.add(what);
        }
    }

    void after(long usualNanos, Runnable event) {
        afterExactly(random.delayNanos(usualNanos), event);
    }

    void afterExactly(long nanos, Runnable event) {
        long then = life;
        schedule.after(nanos, () -> {
            if (life == then) {
                event.run();
            }
        });
    }

    HostMemory hostMemory() {
        return hostMemory;
    }

    long newSlots(long bytes) {
        return innerMemory(bytes);
    }

    void interrupt(int vector) {
        raise(vector);
    }

    @Override
    protected void look() {
        int configuration = Mem.getInt(registers + Property.CC);
        if (configuration != lastConfiguration) {
            configured(configuration);
        }
        if (Mem.getInt(registers + Property.NSSR) == Property.NSSR_RESET) {
            state.subsystem.reset();
        }
        ownMemory.look();
        if (running) {
            queues.look();
        }
    }

    private void configured(int configuration) {
        int before = lastConfiguration;
        lastConfiguration = configuration;
        boolean enabled = (configuration & Property.CC_EN) != 0;
        if (enabled != ((before & Property.CC_EN) != 0)) {
            if (enabled) {
                after(READY_NANOS, this::enable);
            } else {
                disable();
            }
        }
        int shutdown = Property.field(configuration, Property.CC_SHN_SHIFT, 2);
        if (shutdown != 0 && Property.field(before, Property.CC_SHN_SHIFT, 2) == 0) {
            status(Property.CSTS_SHST, Property.CSTS_SHST_OCCURRING);
            after(READY_NANOS, () -> status(Property.CSTS_SHST, Property.CSTS_SHST_COMPLETE));
        }
    }

    private void status(int mask, int value) {
        Mem.setInt(registers + Property.CSTS, Mem.getInt(registers + Property.CSTS) & ~mask | value);
    }

    private void enable() {
        if (faults.neverReady) {
            return;
        }
        int attributes = Mem.getInt(registers + Property.AQA);
        int submissions = (attributes & ENTRIES_MASK) + 1;
        int completions = (attributes >>> 16 & ENTRIES_MASK) + 1;
        long asq = Mem.getLong(registers + Property.ASQ);
        long acq = Mem.getLong(registers + Property.ACQ);
        boolean valid = submissions > 1 && completions > 1 && ((asq | acq) & PAGE_MASK) == 0
            && Property.field(lastConfiguration, Property.CC_MPS_SHIFT, 4) == 0;
        if (!valid) {
            violation(String.format("enabled with AQA %x, ASQ %x, ACQ %x, CC %x", attributes, asq, acq, lastConfiguration));
            fail();
            return;
        }
        queues.begin(submissions, asq, completions, acq);
        state.changedNamespaces.clear();
        running = true;
        status(Property.CSTS_RDY, Property.CSTS_RDY);
    }

    /** Whether I/O queues may be made: CC says how long entries are. */
    boolean knowsEntrySizes() {
        return Property.field(lastConfiguration, Property.CC_IOSQES_SHIFT, 4) == 6
            && Property.field(lastConfiguration, Property.CC_IOCQES_SHIFT, 4) == 4;
    }

    private void disable() {
        stop();
        if (!faults.neverDisabled) {
            after(READY_NANOS, () -> Mem.setInt(registers + Property.CSTS, 0));
        }
    }

    /** Does nothing of what was to be done. */
    private void stop() {
        life++;
        running = false;
        queues.end();
        state.events.reset();
    }

    @Override
    protected void functionReset() {
        stop();
        lastConfiguration = 0;
        Mem.setInt(registers + Property.CC, 0);
        Mem.setInt(registers + Property.CSTS, 0);
        Mem.setInt(registers + Property.NSSR, 0);
        ownMemory.reset();
    }

    private void subsystemReset() {
        if (!removed) {
            functionReset();
            Mem.setInt(registers + Property.CSTS, NSSRO);
        }
    }

    @Override
    protected void removed() {
        removed = true;
        stop();
    }

    @Override
    public String toString() {
        return address() + (removed ? " removed" : running ? " running" : " stopped") + ", " + queues;
    }
}
