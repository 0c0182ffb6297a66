package dev.karst.nvme.core.ring;

import dev.karst.base.Errno;
import dev.karst.base.IoVector;
import dev.karst.base.Mem;
import dev.karst.base.ReactorConfined;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.env.DmaMap;
import dev.karst.env.Memory;
import dev.karst.env.PciDevice;
import dev.karst.env.Readiness;
import dev.karst.env.Region;
import dev.karst.nvme.NvmeRequest;
import dev.karst.nvme.transport.TransportQueue;
import dev.karst.reactor.Poller;
import dev.karst.reactor.Reactor;
import dev.karst.spec.nvme.Cqe;
import dev.karst.spec.nvme.Sqe;

/**
 * A submission queue and a completion queue as rings in memory, with their doorbells. NVMe Base 2.1, 3.3.1; NVMe over PCIe Transport 1.1,
 * 3.1.2.
 *
 * <p>An entry is written as eight words. The doorbell of the submission queue is rung once for all that a round brought, the completion
 * queue's once for a quarter of the ring or {@value #MOST_UNTOLD} completions, since it only tells the controller where there is room: what
 * it can post meanwhile is always more than is missing to that. As at most one less than the ring's entries are in flight, neither ring can
 * overflow.
 *
 * <pre>
 * memory:  SQ, entries x 64 (or in the controller's own) | CQ, entries x 16 | a place for a list for each request, x 2048
 * </pre>
 */
@ReactorConfined
final class RingQueue extends TransportQueue {
    private static final int PAGE = 4096;
    private static final int BATCH = 64;
    private static final int MOST_UNTOLD = 32;
    private static final int SLOT_MASK = 0xfff;
    private static final int OPC_MASK = 0xff;
    private static final int FUSE_SHIFT = 8;
    private static final int CID_SHIFT = 16;
    private static final int NSID_SHIFT = 32;
    private static final int STATUS_WORD = 8;
    private static final int SQHD_MASK = 0xffff;
    private static final int CQE_CID_SHIFT = 32;
    private static final int PHASE_SHIFT = 48;

    private final int entries;
    private final Memory memory;
    private final Region region;
    private final DmaMap dma;
    private final PciDevice device;
    private final OwnMemory own;
    /** Bytes of the submission queue in the controller's own memory; 0 when it is in the process's. */
    private final long ownBytes;
    private final Doorbells doorbells;
    private final DataPointers pointers;
    private final long submissions;
    private final long completions;
    private final long lists;
    private final Poller poller = new Poller() {
        @Override
        public int poll() {
            return RingQueue.this.poll(BATCH);
        }

        @Override
        public boolean announcesWork() {
            return interrupts || inFlight() <= quiet;
        }
    };
    private final Readiness raised = new Readiness() {
        @Override
        public void readable() {
            // The reactor is awake now and polls.
        }
    };
    private int vector = -1;
    private boolean interrupts;
    private boolean polled;
    /** How many requests may be in flight without being waited for: asynchronous event requests. */
    private int quiet;
    private int tail;
    private int rungTail;
    private int head;
    /** Completions that were taken and that the controller does not know of, and after how many it is told. */
    private int untold;
    private final int tellAfter;
    private int phase = 1;

    /**
     * @param entries of each ring; one less may be in flight
     * @throws StorageException ENOMEM, also when the device would find a ring in pieces
     */
    RingQueue(int id, int entries, Reactor reactor, Owner owner, Memory memory, RingDevice device) throws StorageException {
        super(id, entries - 1, reactor, owner);
        this.entries = entries;
        tellAfter = Math.clamp(entries / 4, 1, MOST_UNTOLD);
        this.memory = memory;
        this.device = device.pci();
        dma = device.dma();
        own = device.own();
        doorbells = device.doorbells(id);
        pointers = new DataPointers(dma, device.sgl());
        long completionBytes = (long) entries * Cqe.BYTES + PAGE - 1 & -PAGE;
        long submissionBytes = (long) entries * Sqe.BYTES + PAGE - 1 & -PAGE;
        long inController = own == null ? 0 : own.take(submissionBytes);
        ownBytes = inController == 0 ? 0 : submissionBytes;
        long inMemory = submissionBytes - ownBytes;
        region = memory.allocate("nvme queue " + id, inMemory + completionBytes + (long) depth() * DataPointers.LIST_BYTES);
        submissions = inController == 0 ? region.address() : inController;
        completions = region.address() + inMemory;
        lists = completions + completionBytes;
        if (dma.contiguous(submissions, submissionBytes) < submissionBytes
            || dma.contiguous(completions, completionBytes) < completionBytes) {
            release();
            throw StorageException.errno(
                Errno.ENOMEM, "the rings of queue " + id + " of " + this.device.address()
                    + " lie in pieces for the device; use huge pages or fewer entries");
        }
    }

    int entries() {
        return entries;
    }

    /** Address of the submission queue. */
    long submissions() {
        return submissions;
    }

    /** Address of the completion queue. */
    long completions() {
        return completions;
    }

    /** The vector that announces completions; -1 to be polled. Before it is connected. */
    void vector(int vector) {
        this.vector = vector;
    }

    int vector() {
        return vector;
    }

    @Override
    public void quiet(int requests) {
        quiet = requests;
    }

    /** From now on its doorbells are told through memory as well. On the reactor, with nothing in flight. */
    void shadow(long shadows, long events) {
        doorbells.shadow(shadows, events);
    }

    /** Empties the rings and polls them. The controller is told by whoever calls. */
    @Override
    public void connect(int inCapsuleBytes) throws StorageException {
        throw new IllegalStateException("a ring is connected by its link");
    }

    /** Empties the rings and polls them; on the reactor, while the device does not look at them. */
    void begin() {
        Mem.fill(completions, (long) entries * Cqe.BYTES, (byte) 0);
        tail = 0;
        rungTail = 0;
        head = 0;
        untold = 0;
        phase = 1;
        doorbells.begin();
        interrupts = vector >= 0;
        if (interrupts) {
            device.watch(vector, reactor().events(), raised);
        }
        if (!polled) {
            reactor().add(poller);
            polled = true;
        }
    }

    @Override
    public void disconnect() {
        if (polled) {
            reactor().remove(poller);
            polled = false;
        }
        if (interrupts) {
            device.unwatch(vector);
            interrupts = false;
        }
    }

    @Override
    public void release() {
        memory.free(region);
        if (ownBytes > 0) {
            own.giveBack(submissions, ownBytes);
        }
    }

    @Override
    protected boolean hasRoom(int requests) {
        return true;
    }

    @Override
    public long fits(IoVector data) {
        return data.count() == 0 ? 0 : pointers.fits(data);
    }

    @Override
    protected int start(NvmeRequest request, int cid) {
        long entry = submissions + (long) tail * Sqe.BYTES;
        int psdt = pointers.write(request.data, entry, lists + (long) (cid & SLOT_MASK) * DataPointers.LIST_BYTES);
        long metadata = request.metadata == 0 ? 0 : pointers.metadata(request.metadata, request.metadataBytes);
        if (psdt == DataPointers.IMPOSSIBLE || metadata == DmaMap.NONE) {
            return Status.INVALID;
        }
        Mem.setLong(
            entry,
            request.opcode & OPC_MASK | request.fuse << FUSE_SHIFT | psdt | (long) cid << CID_SHIFT
                | (long) request.nsid << NSID_SHIFT);
        Mem.setLong(entry + 8, request.cdw2and3);
        Mem.setLong(entry + 16, metadata);
        Mem.setLong(entry + 40, request.cdw10and11);
        Mem.setLong(entry + 48, request.cdw12and13);
        Mem.setLong(entry + 56, request.cdw14and15);
        tail = tail + 1 == entries ? 0 : tail + 1;
        return Status.OK;
    }

    @Override
    public int poll(int most) {
        ring();
        int ended = 0;
        while (ended < most) {
            long entry = completions + (long) head * Cqe.BYTES;
            long word = Mem.getLongAcquire(entry + STATUS_WORD);
            if ((int) (word >>> PHASE_SHIFT & 1) != phase) {
                break;
            }
            if (++head == entries) {
                head = 0;
                phase ^= 1;
            }
            ended++;
            int cid = (int) (word >>> CQE_CID_SHIFT) & 0xffff;
            if ((word & SQHD_MASK) >= entries || !completed(cid, (int) (word >>> PHASE_SHIFT + 1), Mem.getLong(entry))) {
                lost(String.format("a completion names command %04Xh and submission queue head %d, which cannot be",
                    cid, word & SQHD_MASK));
                break;
            }
        }
        if (ended > 0) {
            untold += ended;
            if (untold >= tellAfter || interrupts) {
                doorbells.completionHead(head);
                untold = 0;
            }
            ring();
        }
        return ended;
    }

    private void ring() {
        if (tail != rungTail) {
            rungTail = tail;
            doorbells.submissionTail(tail);
        }
    }
}
