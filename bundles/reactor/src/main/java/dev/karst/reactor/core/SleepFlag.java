package dev.karst.reactor.core;

import dev.karst.base.ReactorConfined;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Whether a reactor sleeps, or is about to. The reactor raises the flag and only then looks whether there is work; a sender
 * leaves its work and only then looks at the flag. A full fence lies between the two steps on both sides, so at least one
 * of them sees the other, and no wake-up is lost.
 */
@ReactorConfined
final class SleepFlag {
    private static final VarHandle INTS = MethodHandles.arrayElementVarHandle(int[].class);
    /** The flag has a cache line of its own: senders read it, and the reactor writes what lies around it. */
    private static final int AT = 32;

    private final int[] flag = new int[2 * AT];

    /** The reactor is about to sleep; it looks for work after this. */
    void raise() {
        INTS.setVolatile(flag, AT, 1);
        VarHandle.fullFence();
    }

    /** The reactor is awake. */
    void lower() {
        INTS.setRelease(flag, AT, 0);
    }

    /** Whether the caller, who has left work, has to wake the reactor: true for one of many. Any thread. */
    boolean mustWake() {
        VarHandle.fullFence();
        return (int) INTS.getVolatile(flag, AT) == 1 && (int) INTS.getAndSet(flag, AT, 0) == 1;
    }

    /** Any thread. */
    boolean isRaised() {
        return (int) INTS.getOpaque(flag, AT) == 1;
    }
}
