package dev.karst.nvme.core.ring;

import dev.karst.base.Errno;
import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.DmaMap;
import dev.karst.env.Environment;
import dev.karst.env.PciDevice;
import dev.karst.env.Region;
import dev.karst.nvme.Command;
import dev.karst.nvme.ControllerMemory;
import dev.karst.nvme.ControllerOptions;
import dev.karst.nvme.core.link.Link;
import dev.karst.nvme.core.link.QueueCalls;
import dev.karst.nvme.core.link.Quirks;
import dev.karst.nvme.core.link.Waits;
import dev.karst.nvme.transport.TransportQueue;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Reactors;
import dev.karst.spec.nvme.Opcode;
import dev.karst.spec.nvme.Property;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Optional;

/** A controller with registers: PCI functions, and those that another process plays. NVMe over PCIe Transport 1.1, 3. */
public final class PciLink extends Link implements RingDevice {
    private static final Logger LOG = System.getLogger(PciLink.class.getName());

    private static final int VENDOR = 0;
    private static final int DEVICE = 2;
    private static final int COMMAND = 4;
    private static final int MEMORY_AND_MASTER = 6;
    private static final int MASTER = 4;
    private static final int ALL_ONES = -1;
    private static final int PAGE = 4096;
    private static final int CALL_MS = 30_000;
    private static final int LEAST_STOP_MS = 2_000;
    private static final int PHYSICALLY_CONTIGUOUS = 1;
    private static final int INTERRUPTS = 2;
    private static final int VECTOR_SHIFT = 16;
    /** SGLS bits 1:0: dword aligned or any alignment. */
    private static final int SGLS_SUPPORTED = 3;

    private final PciDevice device;
    private final Environment environment;
    private final Reactors reactors;
    private final Waits waits;
    private final QueueCalls calls;
    private final boolean sglWanted;
    private final int vectors;
    private final Quirks quirks;
    private final OwnMemory own;
    private final long registers;
    private final long doorbells;
    private final int strideBytes;
    private final int queues;
    private final int timeoutMs;
    private volatile boolean sgl;
    private volatile boolean gone;
    private Region shadows;

    /**
     * @param device from its transport; this closes it
     * @throws StorageException ENODEV when it is gone; EPROTO when its registers say what cannot be
     */
    public PciLink(PciDevice device, ControllerOptions options, Environment environment, Reactors reactors, Waits waits)
        throws StorageException {
        this.device = device;
        this.environment = environment;
        this.reactors = reactors;
        this.waits = waits;
        this.sglWanted = options.sgl();
        calls = new QueueCalls(environment, reactors);
        device.writeConfig(COMMAND, 2, device.readConfig(COMMAND, 2) | MEMORY_AND_MASTER);
        long cap = device.read(0, Property.CAP, 8);
        if (cap == ALL_ONES) {
            throw StorageException.errno(Errno.ENODEV, device.address() + " does not answer: all its registers read as ones");
        }
        quirks = Quirks.of((int) device.readConfig(VENDOR, 2), (int) device.readConfig(DEVICE, 2));
        strideBytes = Property.doorbellStride(cap);
        timeoutMs = Math.max(LEAST_STOP_MS, Property.timeoutMs(cap));
        long space = device.barBytes(0) - Property.DOORBELLS;
        int pairs = (int) Math.min(0xffff, space / (2L * strideBytes) - 1);
        long mapped = mapDoorbells(pairs);
        // A device that another process plays may let fewer be mapped than its registers have room for.
        while (mapped == 0 && pairs > 1) {
            pairs /= 2;
            mapped = mapDoorbells(pairs);
        }
        queues = pairs;
        doorbells = mapped;
        if (doorbells == 0) {
            throw StorageException.errno(
                Errno.EPROTO, device.address() + " has no doorbells that can be mapped; its registers take "
                    + device.barBytes(0) + " bytes");
        }
        own = options.ownMemory() ? new OwnMemory(device, waits, cap) : null;
        registers = device.map(0, 0, PAGE);
        vectors = options.interrupts() ? enableInterrupts() : 0;
    }

    private long mapDoorbells(int pairs) throws StorageException {
        return pairs < 1 ? 0 : device.map(0, Property.DOORBELLS, 2L * strideBytes * (pairs + 1));
    }

    private int enableInterrupts() {
        int count = Math.min(device.vectors(), Math.min(queues + 1, reactors.all().size() + 1));
        try {
            device.enableInterrupts(count);
            return count;
        } catch (StorageException e) {
            LOG.log(Level.INFO, "{0} is polled: {1}", device.address(), e.getMessage());
            return 0;
        }
    }

    @Override
    public Quirks quirks() {
        return quirks;
    }

    @Override
    public PciDevice pci() {
        return device;
    }

    @Override
    public DmaMap dma() {
        return own == null ? device.dma() : own;
    }

    @Override
    public OwnMemory own() {
        return own;
    }

    @Override
    public Optional<ControllerMemory> buffer() {
        return own == null ? Optional.empty() : own.buffer();
    }

    @Override
    public Optional<ControllerMemory> persistent() {
        return own == null ? Optional.empty() : own.persistent();
    }

    @Override
    public Doorbells doorbells(int qid) {
        return new Doorbells(doorbells, qid, strideBytes);
    }

    @Override
    public boolean sgl() {
        return sgl;
    }

    @Override
    public long readProperty(int offset, int bytes) throws StorageException {
        long value = device.read(0, offset, bytes);
        if (value == (bytes == 8 ? ALL_ONES : 0xffff_ffffL) || device.isGone()) {
            gone = true;
            throw StorageException.errno(Errno.ENODEV, device.address() + " is gone");
        }
        return value;
    }

    @Override
    public void writeProperty(int offset, int bytes, long value) {
        device.write(0, offset, bytes, value);
    }

    @Override
    public TransportQueue adminQueue(Reactor reactor, int depth, TransportQueue.Owner owner) throws StorageException {
        return queue(reactor, 0, depth + 1, owner);
    }

    @Override
    public TransportQueue ioQueue(Reactor reactor, int qid, int depth, TransportQueue.Owner owner) throws StorageException {
        if (qid > queues) {
            throw StorageException.errno(Errno.ENOSPC, device.address() + " has doorbells for " + queues + " queue pairs");
        }
        return queue(reactor, qid, depth + 1, owner);
    }

    private RingQueue queue(Reactor reactor, int qid, int entries, TransportQueue.Owner owner) throws StorageException {
        var queue = new RingQueue(qid, entries, reactor, owner, environment.memory(), this);
        // The admin queue's vector also serves the queues for which there is none of their own: those are polled.
        queue.vector(qid < vectors ? qid : -1);
        return queue;
    }

    /** Disables it; if it does not obey, resets the function; if it cannot, bars it from memory. */
    @Override
    public void stop() throws StorageException {
        try {
            int cc = (int) readProperty(Property.CC, 4);
            if ((cc & Property.CC_EN) != 0) {
                writeProperty(Property.CC, 4, cc & ~Property.CC_EN);
                settle();
            }
            waits.until(
                () -> (readProperty(Property.CSTS, 4) & Property.CSTS_RDY) == 0, timeoutMs, "disabling " + device.address());
        } catch (StorageException e) {
            if (gone) {
                return;
            }
            LOG.log(Level.WARNING, "{0}; resetting the function", e.getMessage());
            force();
        }
    }

    private void settle() throws StorageException {
        if (quirks.settleMs() > 0) {
            waits.pause(quirks.settleMs() * 1_000_000L);
        }
    }

    private void force() throws StorageException {
        try {
            device.reset();
            device.writeConfig(COMMAND, 2, device.readConfig(COMMAND, 2) | MEMORY_AND_MASTER);
        } catch (StorageException e) {
            device.writeConfig(COMMAND, 2, device.readConfig(COMMAND, 2) & ~MASTER);
            throw e;
        }
    }

    @Override
    public void connectAdmin(TransportQueue admin) throws StorageException {
        var ring = (RingQueue) admin;
        if (shadows != null) {
            environment.memory().free(shadows);
            shadows = null;
        }
        if (own != null) {
            own.enable();
        }
        writeProperty(Property.AQA, 4, (long) ring.entries() - 1 << 16 | ring.entries() - 1);
        writeProperty(Property.ASQ, 8, dma().iova(ring.submissions()));
        writeProperty(Property.ACQ, 8, dma().iova(ring.completions()));
        reactors.call(ring.reactor(), reactor -> {
            ring.begin();
            ring.connected(true);
            return null;
        });
    }

    @Override
    public void connectIo(TransportQueue queue, TransportQueue admin, int inCapsuleBytes) throws StorageException {
        var ring = (RingQueue) queue;
        reactors.call(ring.reactor(), reactor -> {
            if (shadows != null) {
                ring.shadow(shadows.address(), shadows.address() + PAGE);
            } else {
                ring.shadow(0, 0);
            }
            ring.begin();
            return null;
        });
        int sizeAndId = ring.entries() - 1 << 16 | ring.id();
        int interrupt = ring.vector() < 0 ? 0 : ring.vector() << VECTOR_SHIFT | INTERRUPTS;
        var completions = Command.of(Opcode.ADMIN_CREATE_IO_CQ, 0).with(sizeAndId, interrupt | PHYSICALLY_CONTIGUOUS);
        calls.call(admin, completions, ring.completions(), PAGE, CALL_MS);
        var submissions = Command.of(Opcode.ADMIN_CREATE_IO_SQ, 0).with(sizeAndId, ring.id() << 16 | PHYSICALLY_CONTIGUOUS);
        calls.call(admin, submissions, ring.submissions(), PAGE, CALL_MS);
        reactors.call(ring.reactor(), reactor -> {
            ring.connected(true);
            return null;
        });
    }

    @Override
    public void disconnectIo(TransportQueue queue, TransportQueue admin) throws StorageException {
        calls.call(admin, Command.of(Opcode.ADMIN_DELETE_IO_SQ, 0).with(queue.id(), 0), CALL_MS);
        calls.call(admin, Command.of(Opcode.ADMIN_DELETE_IO_CQ, 0).with(queue.id(), 0), CALL_MS);
    }

    @Override
    public boolean isFabrics() {
        return false;
    }

    @Override
    public long maxTransferBytes() {
        return DataPointers.MOST_BYTES;
    }

    @Override
    public boolean usesSgl(long sgls) {
        sgl = sglWanted && (sgls & SGLS_SUPPORTED) != 0;
        return sgl;
    }

    @Override
    public void shadowDoorbells(TransportQueue admin, int queuePairs) throws StorageException {
        if (2 * strideBytes * (queuePairs + 1L) > PAGE) {
            return;
        }
        Region pages = environment.memory().allocate("nvme shadow doorbells", 2 * PAGE);
        try {
            calls.call(admin, Command.of(Opcode.ADMIN_DOORBELL_BUFFER_CONFIG, 0), pages.address(), 2 * PAGE, CALL_MS);
            shadows = pages;
        } catch (StorageException e) {
            environment.memory().free(pages);
            LOG.log(Level.INFO, "{0} keeps to its doorbell registers: {1}", device.address(), e.getMessage());
        }
    }

    @Override
    public Health health() {
        if (gone || device.isGone()) {
            return Health.GONE;
        }
        int csts = registers == 0 ? 0 : Mem.getIntAcquire(registers + Property.CSTS);
        if (csts == ALL_ONES) {
            gone = true;
            return Health.GONE;
        }
        return (csts & Property.CSTS_CFS) == 0 ? Health.GOOD : Health.FATAL;
    }

    @Override
    public void close() {
        if (shadows != null) {
            environment.memory().free(shadows);
            shadows = null;
        }
        device.close();
    }
}
