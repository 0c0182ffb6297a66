package dev.karst.nvme.testkit;

import dev.karst.base.Mem;
import dev.karst.nvme.testkit.command.HostMemory;
import dev.karst.nvme.testkit.command.Page;

/**
 * The doorbells of a controller, in registers and in memory. A register that was read is overwritten, so that the same value
 * written again is seen. NVMe over PCIe Transport 1.1, 3.1.2; NVMe Base 2.1, 5.2.5.
 */
final class Doorbells {
    private static final int TAKEN = -2;

    private final long registers;
    private final int stride;
    private final int queues;
    private final HostMemory memory;
    private long shadows;
    private long events;

    Doorbells(long registers, int stride, int queues, HostMemory memory) {
        this.registers = registers;
        this.stride = stride;
        this.queues = queues;
        this.memory = memory;
    }

    /** Nothing was rung. */
    void clear() {
        for (int id = 0; id <= queues; id++) {
            take(2 * id);
            take(2 * id + 1);
        }
    }

    boolean isSubmissionRung(int id) {
        return Mem.getInt(registers + 2L * id * stride) != TAKEN;
    }

    boolean isCompletionRung(int id) {
        return Mem.getInt(registers + (2L * id + 1) * stride) != TAKEN;
    }

    int takeSubmission(int id) {
        return take(2 * id);
    }

    int takeCompletion(int id) {
        return take(2 * id + 1);
    }

    private int take(int index) {
        int value = Mem.getInt(registers + (long) index * stride);
        Mem.setInt(registers + (long) index * stride, TAKEN);
        return value;
    }

    /** Doorbells of I/O queues are in memory from now on, too; 0 for not any more. */
    void shadow(long shadows, long events) {
        this.shadows = shadows;
        this.events = events;
    }

    boolean isShadowed(int id) {
        return shadows != 0 && id != 0;
    }

    int readTail(int id) {
        return read(2 * id);
    }

    int readHead(int id) {
        return read(2 * id + 1);
    }

    /** Asks for the register when the tail passes this value. */
    void sleepUntil(int id, int tail) {
        write(2 * id, tail);
    }

    /** Asks for the register when the head passes this value. */
    void completionSleepUntil(int id, int head) {
        write(2 * id + 1, head);
    }

    private int read(int index) {
        byte[] value = new byte[Integer.BYTES];
        return memory.read(shadows + (long) index * stride, value, 0, value.length) ? Page.buffer(value).getInt() : 0;
    }

    private void write(int index, int value) {
        memory.write(events + (long) index * stride, Page.buffer(Integer.BYTES).putInt(0, value).array(), 0, Integer.BYTES);
    }
}
