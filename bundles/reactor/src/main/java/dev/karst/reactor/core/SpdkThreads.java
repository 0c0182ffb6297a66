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

    /** A reactor that could not be bound stands under its own number. */
    static long core(Reactor reactor) {
        return reactor.processor() < 0 ? reactor.id() : reactor.processor();
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

    /**
     * The processors of a mask as SPDK takes it: hexadecimal digits, with or without 0x before them, or a list such as
     * [0,2-4]; null when it is neither.
     */
    static BigInteger parse(String mask) {
        String text = mask.strip();
        if (text.matches("(0[xX])?[0-9a-fA-F]{1,256}")) {
            return new BigInteger(text.replaceFirst("^0[xX]", ""), HEX);
        }
        return text.matches("\\[\\d{1,4}(-\\d{1,4})?(,\\d{1,4}(-\\d{1,4})?)*\\]")
            ? listed(text.substring(1, text.length() - 1)) : null;
    }

    private static BigInteger listed(String list) {
        BigInteger mask = BigInteger.ZERO;
        for (String range : list.split(",")) {
            String[] ends = range.split("-");
            int last = Integer.parseInt(ends[ends.length - 1]);
            for (int processor = Integer.parseInt(ends[0]); processor <= last; processor++) {
                mask = mask.setBit(processor);
            }
        }
        return mask;
    }
}
