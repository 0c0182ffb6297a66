package dev.karst.nvme.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Mem;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.env.Region;
import dev.karst.nvme.NvmeQueuePair;
import dev.karst.nvme.NvmeRequest;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Opcode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Random I/O of several requests, each on blocks of its own, held against a model: each ends once, and reads what was written.
 * The memory of a request is given back the moment it ends, so that a device that still uses it is caught.
 */
final class SimLoad {
    private static final int BLOCK = 512;
    private static final int PAGE = 4096;
    private static final int MOST_PIECES = 3;

    /** One request after the other on the same blocks. */
    private final class Slot extends NvmeRequest {
        final NvmeQueuePair queue;
        final long first;
        /** What the blocks hold. */
        byte[] content = new byte[slotBlocks * BLOCK];
        /** What they may hold instead: a write was given up. */
        byte[] perhaps;
        byte[] next;
        Region memory;
        int from;
        int blocks;
        boolean flying;
        int ends;
        int starts;
        int status;

        Slot(NvmeQueuePair queue, long first) {
            super(MOST_PIECES);
            this.queue = queue;
            this.first = first;
        }

        @Override
        protected void ended(int status) {
            assertTrue(flying, "ended twice");
            flying = false;
            ends++;
            this.status = status;
            if (opcode == Opcode.NVM_WRITE) {
                wrote();
            } else if (opcode == Opcode.NVM_READ && status == 0 && memory != null) {
                read();
            }
            if (memory != null) {
                world.environment().memory().free(memory);
                memory = null;
            }
            if (status != 0) {
                assertTrue(mayFail, () -> "failed: " + NvmeStatus.text(status));
                failures++;
            }
        }

        private void wrote() {
            if (status == 0) {
                content = next;
                perhaps = null;
            } else {
                perhaps = next;
            }
        }

        private void read() {
            byte[] found = new byte[blocks * BLOCK];
            Mem.get(memory.address() + shift(), found, 0, found.length);
            int start = from * BLOCK;
            boolean old = Arrays.equals(found, 0, found.length, content, start, start + found.length);
            boolean other = perhaps != null && Arrays.equals(found, 0, found.length, perhaps, start, start + found.length);
            assertTrue(old || other || mayReadWrong, () -> "blocks " + (first + from) + " to " + (first + from + blocks)
                + " hold what nobody wrote");
            if (blocks == slotBlocks) {
                content = old || !other ? content : perhaps;
                perhaps = null;
            }
        }

        private long shift() {
            return memory.bytes() - (long) blocks * BLOCK & -4;
        }
    }

    private final SimWorld world;
    private final List<Slot> slots = new ArrayList<>();
    /** Blocks of each request's own. */
    private final int slotBlocks;
    /** A mistake that it makes itself. */
    DriverSimFindsBugsTest.Bug bug = DriverSimFindsBugsTest.Bug.NONE;
    private boolean mayFail;
    private boolean mayReadWrong;
    private int failures;

    /** Requests on those queues, {@code each} on each, which have so many blocks each: as many as one command may move. */
    SimLoad(SimWorld world, List<NvmeQueuePair> queues, int each, int slotBlocks) {
        this.world = world;
        this.slotBlocks = slotBlocks;
        for (NvmeQueuePair queue : queues) {
            for (int i = 0; i < each; i++) {
                slots.add(new Slot(queue, (long) slots.size() * slotBlocks));
            }
        }
    }

    /** From now on requests may fail, or must not. */
    void mayFail(boolean may) {
        mayFail = may;
    }

    /** The controller says that it did what it did not do. */
    void mayReadWrong(boolean may) {
        mayReadWrong = may;
    }

    int failures() {
        return failures;
    }

    int ends() {
        return slots.stream().mapToInt(slot -> slot.ends).sum();
    }

    boolean isIdle() {
        return slots.stream().noneMatch(slot -> slot.flying);
    }

    /** Starts one request, if its queue takes it; lets time pass when one is chosen that has not ended. */
    void start() throws Exception {
        Slot slot = slots.get(world.random().below(slots.size()));
        if (slot.flying) {
            world.runFor(1);
        } else {
            world.on(slot.queue.reactor(), () -> submit(slot));
        }
    }

    private void submit(Slot slot) {
        prepare(slot);
        slot.flying = true;
        int status = slot.queue.submit(slot);
        if (status == Status.OK) {
            slot.starts++;
            blunder(slot);
            return;
        }
        assertTrue(status == Status.NO_RESOURCE || status == Status.NOT_CONNECTED, () -> "refused: " + status);
        slot.flying = false;
        if (slot.memory != null) {
            world.environment().memory().free(slot.memory);
            slot.memory = null;
        }
    }

    private void blunder(Slot slot) {
        if (bug == DriverSimFindsBugsTest.Bug.FREED_EARLY && slot.memory != null) {
            world.environment().memory().free(slot.memory);
            slot.memory = null;
        } else if (bug == DriverSimFindsBugsTest.Bug.ENDED_TWICE && world.random().oneIn(10)) {
            slot.ended(0);
        }
    }

    private void prepare(Slot slot) {
        boolean inDoubt = slot.perhaps != null;
        int kind = inDoubt ? 0 : world.random().below(10);
        slot.blocks = inDoubt ? slotBlocks : 1 + world.random().below(slotBlocks);
        slot.from = world.random().below(slotBlocks - slot.blocks + 1);
        if (kind == 1) {
            slot.command(Opcode.NVM_FLUSH, 1);
            return;
        }
        boolean writes = kind > 5;
        slot.command(writes ? Opcode.NVM_WRITE : Opcode.NVM_READ, 1).range(slot.first + slot.from, slot.blocks);
        int bytes = slot.blocks * BLOCK;
        try {
            slot.memory = world.environment().memory().allocate("load", bytes + world.random().below(PAGE));
        } catch (StorageException e) {
            throw new AssertionError(e);
        }
        slot.data.set(slot.memory.address() + slot.shift(), bytes);
        if (writes) {
            byte[] some = new byte[bytes];
            world.random().bytes(some);
            slot.next = slot.content.clone();
            System.arraycopy(some, 0, slot.next, slot.from * BLOCK, bytes);
            Mem.put(slot.memory.address() + slot.shift(), some, 0, bytes);
        }
    }

    /** Each request that was taken has ended once. */
    void assertAllEnded() {
        for (Slot slot : slots) {
            assertFalse(slot.flying, "never ended");
            assertEquals(slot.starts, slot.ends);
        }
        assertNotEquals(0, ends());
    }
}
