package dev.karst.env.linux.kernel;

import dev.karst.base.Mem;
import java.util.Arrays;
import java.util.BitSet;

/** A set of processors as the kernel writes it: one bit each, least significant first. sched_setaffinity(2) */
public final class CpuMask {
    private static final int MAX_BYTES = 1024;

    private final BitSet processors;

    private CpuMask(BitSet processors) {
        this.processors = processors;
    }

    /** One processor. */
    public static CpuMask of(int processor) {
        var bits = new BitSet();
        bits.set(processor);
        return new CpuMask(bits);
    }

    /** The processors that a thread may run on; 0 is the calling thread. */
    public static CpuMask ofThread(Kernel kernel, int thread) {
        long bytes = kernel.call(Syscall.SCHED_GETAFFINITY, thread, MAX_BYTES, kernel.scratch);
        if (bytes < 0) {
            throw Failure.unexpected(bytes, "read the processors of thread " + thread);
        }
        var mask = new byte[(int) bytes];
        Mem.get(kernel.scratch, mask, 0, mask.length);
        return new CpuMask(BitSet.valueOf(mask));
    }

    /** Binds the calling thread to these; false where the system does not allow it. */
    public boolean bindCaller(Kernel kernel) {
        return kernel.call(Syscall.SCHED_SETAFFINITY, 0, write(kernel), kernel.scratch) == 0;
    }

    /** Writes the mask to the scratch; returns its length in bytes. */
    public int write(Kernel kernel) {
        byte[] bytes = Arrays.copyOf(processors.toByteArray(), MAX_BYTES);
        Mem.put(kernel.scratch, bytes, 0, bytes.length);
        return bytes.length;
    }

    /** These without those. */
    public CpuMask without(CpuMask others) {
        var bits = (BitSet) processors.clone();
        bits.andNot(others.processors);
        return new CpuMask(bits);
    }

    public boolean isEmpty() {
        return processors.isEmpty();
    }

    /** Their numbers, ascending. */
    public int[] numbers() {
        return processors.stream().toArray();
    }
}
