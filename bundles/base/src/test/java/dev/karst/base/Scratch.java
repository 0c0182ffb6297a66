package dev.karst.base;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Registered memory of a test. */
final class Scratch implements AutoCloseable {
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment memory;

    Scratch(int bytes) {
        memory = arena.allocate(bytes, 8);
        Mem.register(memory.address(), bytes);
    }

    long address() {
        return memory.address();
    }

    /** Copies the bytes to its start. */
    void put(byte[] bytes) {
        MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, 0, bytes.length);
    }

    @Override
    public void close() {
        Mem.unregister(memory.address());
        arena.close();
    }
}
