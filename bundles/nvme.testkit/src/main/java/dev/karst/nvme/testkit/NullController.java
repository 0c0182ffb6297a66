package dev.karst.nvme.testkit;

import dev.karst.base.Errno;
import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.DmaMap;
import dev.karst.env.EventSet;
import dev.karst.env.PciDevice;
import dev.karst.env.Readiness;
import dev.karst.nvme.testkit.command.Page;
import dev.karst.spec.nvme.Cqe;
import dev.karst.spec.nvme.IdentifyCommand;
import dev.karst.spec.nvme.IdentifyController;
import dev.karst.spec.nvme.IdentifyNamespace;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Opcode;
import dev.karst.spec.nvme.Property;
import dev.karst.spec.nvme.Sqe;
import java.lang.foreign.Arena;
import java.util.Arrays;

/**
 * A controller that answers every I/O command at once with success and moves no data: what remains is what a driver costs. It
 * does nothing by itself: {@link #step} answers what was rung, called by a thread of its own or between the driver's polls. It
 * finds memory at its address, has no interrupts and one namespace of 512-byte blocks, and allocates nothing for an I/O.
 */
public final class NullController extends PciDevice {
    private static final int BAR_BYTES = 16 << 10;
    private static final int QUEUES = 64;
    private static final int ENTRIES = 4096;
    private static final int HALF = 0xffff;
    private static final int CSI_DESCRIPTOR = 0x0104;
    private static final long BLOCKS = 1L << 31;

    /** Memory is where it is. */
    private static final DmaMap IDENTITY = new DmaMap() {
        @Override
        public long iova(long address) {
            return address;
        }

        @Override
        public long contiguous(long address, long most) {
            return most;
        }
    };

    /** A queue pair. */
    private static final class Pair {
        long submissions;
        long completions;
        int entries;
        int completionEntries;
        int head;
        int tail;
        int phase = 1;
    }

    private final Arena arena = Arena.ofShared();
    private final long registers;
    private final Pair[] pairs = new Pair[QUEUES + 1];
    private boolean ready;
    /** CC as it was last seen. */
    private int configuration;
    /** No queue beyond that one was ever made. */
    private int highest;

    /** A controller whose registers are zeroed memory. */
    public NullController() {
        registers = arena.allocate(BAR_BYTES, Property.DOORBELLS).address();
        Mem.register(registers, BAR_BYTES);
        Mem.setLong(registers + Property.CAP, Property.cap(ENTRIES, 4));
        Mem.setInt(registers + Property.VS, Property.VS_2_0);
    }

    /**
     * Answers all that was rung since the last call. One thread at a time; no other while the driver resets the controller.
     *
     * @return how many commands were answered; a change of CC counts as one
     */
    public int step() {
        int answered = 0;
        int asked = Mem.getIntAcquire(registers + Property.CC);
        if (asked != configuration) {
            configure(asked);
            answered++;
        }
        for (int id = 0; ready && id <= highest; id++) {
            Pair pair = pairs[id];
            if (pair != null && pair.submissions != 0) {
                answered += serve(id, pair);
            }
        }
        return answered;
    }

    private void configure(int asked) {
        boolean enabled = (asked & Property.CC_EN) != 0;
        configuration = asked;
        if (enabled != ready) {
            turn(enabled);
        }
        if (Property.field(asked, Property.CC_SHN_SHIFT, 2) != 0) {
            Mem.setIntRelease(registers + Property.CSTS, Mem.getInt(registers + Property.CSTS) | Property.CSTS_SHST_COMPLETE);
        }
    }

    private void turn(boolean enabled) {
        ready = enabled;
        Arrays.fill(pairs, null);
        Mem.fill(registers + Property.DOORBELLS, BAR_BYTES - Property.DOORBELLS, (byte) 0);
        if (enabled) {
            int attributes = Mem.getInt(registers + Property.AQA);
            pairs[0] = new Pair();
            pairs[0].entries = (attributes & HALF) + 1;
            pairs[0].completionEntries = (attributes >>> 16) + 1;
            pairs[0].submissions = Mem.getLong(registers + Property.ASQ);
            pairs[0].completions = Mem.getLong(registers + Property.ACQ);
        }
        Mem.setIntRelease(registers + Property.CSTS, enabled ? Property.CSTS_RDY : 0);
    }

    private int serve(int id, Pair pair) {
        int tail = Mem.getIntAcquire(registers + Property.DOORBELLS + 8L * id);
        int answered = 0;
        while (pair.head != tail) {
            long sqe = pair.submissions + (long) pair.head * Sqe.BYTES;
            pair.head = pair.head + 1 == pair.entries ? 0 : pair.head + 1;
            if (id != 0) {
                answer(id, pair, Mem.getInt(sqe) >>> 16, 0, 0);
            } else if (Sqe.OPC.get(sqe) != Opcode.ADMIN_ASYNC_EVENT_REQUEST) {
                administer(pair, sqe);
            }
            answered++;
        }
        return answered;
    }

    private static void answer(int id, Pair pair, int cid, int status, int result) {
        long cqe = pair.completions + (long) pair.tail * Cqe.BYTES;
        Mem.setLong(cqe, result);
        Mem.setInt(cqe + Cqe.SQHD.offset(), pair.head | id << 16);
        Mem.setIntRelease(cqe + Cqe.CID.offset(), cid | (status << 1 | pair.phase) << 16);
        if (++pair.tail == pair.completionEntries) {
            pair.tail = 0;
            pair.phase ^= 1;
        }
    }

    private void administer(Pair admin, long sqe) {
        int dword10 = Sqe.CDW10.getInt(sqe);
        long data = Sqe.SGL1_ADDRESS.get(sqe);
        int result = 0;
        int status = 0;
        switch (Sqe.OPC.get(sqe)) {
            case Opcode.ADMIN_IDENTIFY -> status = identify(sqe, data);
            case Opcode.ADMIN_CREATE_IO_CQ, Opcode.ADMIN_CREATE_IO_SQ -> status = create(sqe, dword10, data);
            case Opcode.ADMIN_DELETE_IO_SQ -> pairs[dword10 & HALF].submissions = 0;
            case Opcode.ADMIN_DELETE_IO_CQ -> pairs[dword10 & HALF] = null;
            case Opcode.ADMIN_SET_FEATURES, Opcode.ADMIN_GET_FEATURES -> result = QUEUES - 1 | QUEUES - 1 << 16;
            case Opcode.ADMIN_ABORT -> result = 1;
            default -> status = NvmeStatus.INVALID_COMMAND_OPCODE | NvmeStatus.DNR;
        }
        answer(0, admin, Sqe.CID.get(sqe), status, result);
    }

    private int create(long sqe, int dword10, long memory) {
        int id = dword10 & HALF;
        if (id == 0 || id > QUEUES) {
            return NvmeStatus.INVALID_QUEUE_IDENTIFIER | NvmeStatus.DNR;
        }
        if (Sqe.OPC.get(sqe) == Opcode.ADMIN_CREATE_IO_CQ) {
            pairs[id] = new Pair();
            highest = Math.max(highest, id);
            pairs[id].completionEntries = (dword10 >>> 16) + 1;
            pairs[id].completions = memory;
        } else {
            pairs[id].entries = (dword10 >>> 16) + 1;
            Mem.setInt(registers + Property.DOORBELLS + 8L * id, 0);
            pairs[id].submissions = memory;
        }
        return 0;
    }

    private static int identify(long sqe, long target) {
        byte[] page = switch (IdentifyCommand.CNS.get(sqe)) {
            case IdentifyCommand.CNS_CONTROLLER -> Page.of(IdentifyCommand.DATA_BYTES, NullController::describe);
            case IdentifyCommand.CNS_NAMESPACE -> Page.of(IdentifyCommand.DATA_BYTES, data -> {
                IdentifyNamespace.NSZE.set(data, BLOCKS);
                IdentifyNamespace.NCAP.set(data, BLOCKS);
                IdentifyNamespace.LBAF0_LBADS.set(data, 9);
            });
            case IdentifyCommand.CNS_ACTIVE_NAMESPACES ->
                Page.of(IdentifyCommand.DATA_BYTES, data -> Mem.setInt(data, Sqe.NSID.get(sqe) == 0 ? 1 : 0));
            case IdentifyCommand.CNS_NAMESPACE_DESCRIPTORS ->
                Page.of(IdentifyCommand.DATA_BYTES, data -> Mem.setInt(data, CSI_DESCRIPTOR));
            default -> null;
        };
        if (page == null) {
            return NvmeStatus.INVALID_FIELD_IN_COMMAND | NvmeStatus.DNR;
        }
        int first = (int) Math.min(page.length, 4096 - target % 4096);
        Mem.put(target, page, 0, first);
        if (first < page.length) {
            Mem.put(Mem.getLong(sqe + 32), page, first, page.length - first);
        }
        return 0;
    }

    private static void describe(long data) {
        IdentifyController.SN.set(data, "NULL");
        IdentifyController.MN.set(data, "Karst null controller");
        IdentifyController.FR.set(data, "1");
        IdentifyController.CNTLID.set(data, 1);
        IdentifyController.VER.set(data, Property.VS_2_0);
        IdentifyController.CNTRLTYPE.set(data, IdentifyController.CNTRLTYPE_IO);
        IdentifyController.SQES.set(data, 0x66);
        IdentifyController.CQES.set(data, 0x44);
        IdentifyController.NN.set(data, 1);
        IdentifyController.SGLS.set(data, 1);
        IdentifyController.SUBNQN.set(data, "nqn.2026-11.dev.karst:null");
    }

    @Override
    public String address() {
        return "null";
    }

    @Override
    public long readConfig(int offset, int bytes) {
        return 0;
    }

    @Override
    public void writeConfig(int offset, int bytes, long value) {
        // It has no configuration space that matters.
    }

    @Override
    public long barBytes(int bar) {
        return bar == 0 ? BAR_BYTES : 0;
    }

    @Override
    public long map(int bar, long offset, long bytes) throws StorageException {
        if (bar != 0 || offset < 0 || offset > BAR_BYTES - bytes) {
            throw StorageException.errno(Errno.EINVAL, "the null controller has " + BAR_BYTES + " bytes of registers, in BAR 0");
        }
        return registers + offset;
    }

    @Override
    public long read(int bar, long offset, int bytes) {
        return bytes == Long.BYTES ? Mem.getLong(registers + offset) : Mem.getIntAcquire(registers + offset) & 0xffff_ffffL;
    }

    @Override
    public void write(int bar, long offset, int bytes, long value) {
        if (bytes == Long.BYTES) {
            Mem.setLong(registers + offset, value);
        } else {
            Mem.setIntRelease(registers + offset, (int) value);
        }
    }

    @Override
    public DmaMap dma() {
        return IDENTITY;
    }

    @Override
    public int vectors() {
        return 0;
    }

    @Override
    public void enableInterrupts(int count) throws StorageException {
        if (count > 0) {
            throw StorageException.errno(Errno.EOPNOTSUPP, "the null controller has no interrupts");
        }
    }

    @Override
    public void watch(int vector, EventSet events, Readiness readiness) {
        throw new IllegalStateException("the null controller has no interrupts");
    }

    @Override
    public void unwatch(int vector) {
        throw new IllegalStateException("the null controller has no interrupts");
    }

    @Override
    public boolean isGone() {
        return false;
    }

    @Override
    public void reset() {
        Mem.setIntRelease(registers + Property.CC, 0);
    }

    /** Gives its registers back; nobody may step it any more. */
    @Override
    public void close() {
        Mem.unregister(registers);
        arena.close();
    }
}
