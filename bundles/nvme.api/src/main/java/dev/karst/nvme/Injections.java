package dev.karst.nvme;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** Errors that commands are to end with, by opcode: to see what becomes of them. Any thread. */
public final class Injections {
    private static final int OPCODES = 256;

    /** By opcode; null for none. */
    private final AtomicReferenceArray<Injection> byOpcode = new AtomicReferenceArray<>(OPCODES);
    private final AtomicInteger count = new AtomicInteger();

    /** Whether there are none, which is what each command asks. */
    private volatile boolean empty = true;

    /**
     * One that is to happen.
     *
     * @param status how the commands end: the completion's status field without its phase
     * @param kept whether the controller does not hear of them
     * @param delayNanos how long a command takes that the controller does not hear of
     * @param left how often it still happens
     */
    public record Injection(int status, boolean kept, long delayNanos, AtomicInteger left) {}

    /** What happens to commands of that opcode; null for nothing. */
    public void set(int opcode, Injection injection) {
        Injection before = byOpcode.getAndSet(opcode & OPCODES - 1, injection);
        int change = (injection == null ? 0 : 1) - (before == null ? 0 : 1);
        empty = count.addAndGet(change) == 0;
    }

    /** For a queue: what happens to this command of that opcode, which is counted; null for nothing. */
    public Injection next(int opcode) {
        if (empty) {
            return null;
        }
        Injection injection = byOpcode.get(opcode & OPCODES - 1);
        return injection != null && injection.left.getAndUpdate(left -> Math.max(0, left - 1)) > 0 ? injection : null;
    }
}
