package dev.karst.env.linux.kernel;

import dev.karst.base.Mem;
import java.lang.foreign.Arena;
import java.util.ArrayDeque;

/**
 * The {@link Kernel}s that nobody uses at the moment. They are made by the chunk and stay for the life of the
 * process.
 */
final class KernelPool {
    private static final int CHUNK_BYTES = 32 * Kernel.SCRATCH_BYTES;

    private static final ArrayDeque<Kernel> FREE = new ArrayDeque<>();

    private KernelPool() {}

    static synchronized Kernel take() {
        if (FREE.isEmpty()) {
            addChunk();
        }
        return FREE.pop();
    }

    static synchronized void give(Kernel kernel) {
        FREE.push(kernel);
    }

    private static void addChunk() {
        long chunk = Arena.global().allocate(CHUNK_BYTES, 64).address();
        Mem.register(chunk, CHUNK_BYTES);
        for (int offset = 0; offset < CHUNK_BYTES; offset += Kernel.SCRATCH_BYTES) {
            FREE.add(new Kernel(chunk + offset));
        }
    }
}
