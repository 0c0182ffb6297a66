package dev.karst.nvme.testkit;

import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.PciDevice;
import dev.karst.env.Region;
import dev.karst.env.sim.SimEnvironment;
import dev.karst.spec.nvme.Cqe;
import dev.karst.spec.nvme.Opcode;
import dev.karst.spec.nvme.Property;
import dev.karst.spec.nvme.Sqe;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;

/**
 * A driver written by hand, as plain as can be: one admin queue, one I/O queue, one command at a time unless a test wants more.
 */
final class HandHost {
    static final int PAGE = 4096;
    static final int ENTRIES = 16;
    private static final int AQA = 0x24;
    private static final int ASQ = 0x28;
    private static final int ACQ = 0x30;
    private static final int MOST_STEPS = 1_000_000;

    /** An answer. */
    record Completion(int queue, int cid, int status, long result, int head) {}

    /** A queue pair. */
    static final class Queue {
        final int id;
        final Region submissions;
        final Region completions;
        int tail;
        int head;
        int phase = 1;

        Queue(int id, Region submissions, Region completions) {
            this.id = id;
            this.submissions = submissions;
            this.completions = completions;
        }
    }

    final SimEnvironment environment;
    final PciDevice device;
    final long registers;
    final int stride;
    final List<Completion> completions = new ArrayList<>();
    Queue admin;
    Queue io;
    /** What goes on beside the schedule; true when it did something. */
    BooleanSupplier others = () -> false;
    private int nextCid = 1;

    HandHost(SimEnvironment environment, PciDevice device) throws StorageException {
        this.environment = environment;
        this.device = device;
        registers = device.map(0, 0, device.barBytes(0));
        stride = 4 << (int) (Mem.getLong(registers + Property.CAP) >>> 32 & 0xf);
    }

    Region memory(long bytes) throws StorageException {
        return environment.memory().allocate("host", bytes);
    }

    long iova(long address) {
        return device.dma().iova(address);
    }

    /** Lets the world go on until the condition holds; false when nothing is left to happen. */
    boolean until(BooleanSupplier condition) {
        for (int steps = 0; steps < MOST_STEPS; steps++) {
            poll();
            if (condition.getAsBoolean()) {
                return true;
            }
            if (others.getAsBoolean()) {
                continue;
            }
            long next = environment.schedule().nextNanos();
            if (next == Long.MAX_VALUE) {
                return false;
            }
            environment.clock().advanceTo(next);
            environment.schedule().runNext();
        }
        return false;
    }

    boolean enable() throws StorageException {
        admin = new Queue(0, memory(PAGE), memory(PAGE));
        Mem.setInt(registers + AQA, ENTRIES - 1 << 16 | ENTRIES - 1);
        Mem.setLong(registers + ASQ, iova(admin.submissions.address()));
        Mem.setLong(registers + ACQ, iova(admin.completions.address()));
        Mem.setInt(registers + Property.CC, 4 << 20 | 6 << 16 | Property.CC_EN);
        return until(() -> (Mem.getInt(registers + Property.CSTS) & Property.CSTS_RDY) != 0);
    }

    boolean disable() {
        Mem.setInt(registers + Property.CC, 0);
        return until(() -> (Mem.getInt(registers + Property.CSTS) & Property.CSTS_RDY) == 0);
    }

    /** Makes I/O queue 1. */
    void createIo() throws StorageException {
        io = new Queue(1, memory(PAGE), memory(PAGE));
        expectOk(admin(Opcode.ADMIN_CREATE_IO_CQ, 0, io.completions, PAGE, (ENTRIES - 1) << 16 | 1, 1));
        expectOk(admin(Opcode.ADMIN_CREATE_IO_SQ, 0, io.submissions, PAGE, (ENTRIES - 1) << 16 | 1, 1 << 16 | 1));
    }

    static void expectOk(Completion completion) {
        if (completion == null || completion.status != 0) {
            throw new AssertionError("failed: " + completion);
        }
    }

    Completion admin(int opcode, int nsid, Region data, int bytes, int cdw10, int cdw11) {
        return run(admin, sqe -> {
            Sqe.OPC.set(sqe, opcode);
            Sqe.NSID.set(sqe, Integer.toUnsignedLong(nsid));
            Sqe.CDW10.set(sqe, Integer.toUnsignedLong(cdw10));
            Sqe.CDW11.set(sqe, Integer.toUnsignedLong(cdw11));
            prps(sqe, data, bytes);
        });
    }

    /** Fills in a command on a range of blocks. */
    LongConsumer range(int opcode, Region data, int bytes, long slba, int count) {
        return sqe -> {
            Sqe.OPC.set(sqe, opcode);
            Sqe.NSID.set(sqe, 1);
            Mem.setLong(sqe + Sqe.CDW10.offset(), slba);
            Sqe.CDW12.set(sqe, count - 1);
            prps(sqe, data, bytes);
        };
    }

    Completion io(int opcode, Region data, int bytes, long slba, int count) {
        return run(io, range(opcode, data, bytes, slba, count));
    }

    /** PRPs of a region whose list, if it needs one, lies in the page behind the data. */
    void prps(long sqe, Region data, int bytes) {
        if (data == null) {
            return;
        }
        Mem.setLong(sqe + 24, iova(data.address()));
        if (bytes > 2 * PAGE) {
            long list = data.end() - PAGE;
            for (int page = 1; page * PAGE < bytes; page++) {
                Mem.setLong(list + 8L * (page - 1), iova(data.address() + (long) page * PAGE));
            }
            Mem.setLong(sqe + 32, iova(list));
        } else if (bytes > PAGE) {
            Mem.setLong(sqe + 32, iova(data.address() + PAGE));
        }
    }

    Completion run(Queue queue, LongConsumer fill) {
        int cid = submit(queue, fill);
        ring(queue);
        return await(queue, cid);
    }

    /** Waits for an answer; null when none comes. */
    Completion await(Queue queue, int cid) {
        Completion[] found = new Completion[1];
        until(() -> {
            completions.stream().filter(answer -> answer.queue == queue.id && answer.cid == cid).findFirst()
                .ifPresent(answer -> found[0] = answer);
            return found[0] != null;
        });
        completions.remove(found[0]);
        return found[0];
    }

    /** Writes an entry; its CID. */
    int submit(Queue queue, LongConsumer fill) {
        long sqe = queue.submissions.address() + (long) queue.tail * Sqe.BYTES;
        Mem.fill(sqe, Sqe.BYTES, (byte) 0);
        fill.accept(sqe);
        int cid = nextCid++ & 0xffff;
        Sqe.CID.set(sqe, cid);
        queue.tail = (queue.tail + 1) % ENTRIES;
        return cid;
    }

    void ring(Queue queue) {
        Mem.setInt(registers + 0x1000 + 2L * queue.id * stride, queue.tail);
    }

    private void poll() {
        poll(admin);
        poll(io);
    }

    private void poll(Queue queue) {
        if (queue == null) {
            return;
        }
        int head = queue.head;
        while (true) {
            long cqe = queue.completions.address() + (long) queue.head * Cqe.BYTES;
            if (Cqe.P.get(cqe) != queue.phase) {
                break;
            }
            completions.add(new Completion(
                queue.id, Cqe.CID.get(cqe), Cqe.STATUS.get(cqe), Mem.getLong(cqe), Cqe.SQHD.get(cqe)));
            queue.head = (queue.head + 1) % ENTRIES;
            queue.phase ^= queue.head == 0 ? 1 : 0;
        }
        if (queue.head != head) {
            Mem.setInt(registers + 0x1000 + (2L * queue.id + 1) * stride, queue.head);
        }
    }
}
