package dev.karst.bdev.nvme.io;

import dev.karst.base.ReactorConfined;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** Errors that are to happen, by opcode. Any thread. */
@ReactorConfined
public final class Injections {
    private static final int OPCODES = 256;

    /** By opcode; null for none. */
    private final AtomicReferenceArray<Injection> byOpcode = new AtomicReferenceArray<>(OPCODES);

    /**
     * One that is to happen.
     *
     * @param status how the commands end
     * @param kept whether the controller does not hear of them
     * @param delayNanos how long a command takes that the controller does not hear of
     * @param left how often it still happens
     */
    public record Injection(int status, boolean kept, long delayNanos, AtomicLong left) {}

    /** What happens to commands of that opcode; null for nothing. */
    public void set(int opcode, Injection injection) {
        byOpcode.set(opcode & OPCODES - 1, injection);
    }

    /** What happens to this command of that opcode; null for nothing. */
    Injection next(int opcode) {
        Injection injection = byOpcode.get(opcode & OPCODES - 1);
        return injection != null && injection.left.getAndDecrement() > 0 ? injection : null;
    }
}
