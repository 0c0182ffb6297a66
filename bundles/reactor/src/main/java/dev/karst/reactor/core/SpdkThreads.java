package dev.karst.reactor.core;

import dev.karst.env.Environment;
import dev.karst.reactor.IdlePolicy;
import dev.karst.reactor.Reactor;
import java.math.BigInteger;

/** How reactors look to clients of SPDK, whose threads stand one to one for our reactors; a tick is a nanosecond. */
final class SpdkThreads {
    static final long TICKS_PER_SECOND = 1_000_000_000L;

    private static final int HEX = 16;

    private SpdkThreads() {}

    static String name(Reactor reactor) {
        return "reactor_" + reactor.id();
    }

    /** SPDK's threads are numbered from 1. */
    static long id(Reactor reactor) {
        return reactor.id() + 1L;
    }

    static boolean isInterrupt(Reactor reactor) {
        return reactor.idlePolicy() == IdlePolicy.INTERRUPT;
    }

    /** The processors it may run on, as a hexadecimal bit mask. */
    static String mask(Reactor reactor, Environment environment) {
        return processors(reactor, environment).toString(HEX);
    }

    /** The processors it may run on, a bit for each. */
    static BigInteger processors(Reactor reactor, Environment environment) {
        BigInteger mask = BigInteger.ZERO;
        if (reactor.processor() >= 0) {
            return mask.setBit(reactor.processor());
        }
        for (int processor : environment.processors().available()) {
            mask = mask.setBit(processor);
        }
        return mask;
    }
}
