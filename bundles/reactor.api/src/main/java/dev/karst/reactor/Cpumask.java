package dev.karst.reactor;

import java.math.BigInteger;
import java.util.List;
import java.util.Optional;

/** Masks of processors as SPDK takes and shows them; a bit for each, the lowest for processor 0. */
public final class Cpumask {
    private static final int HEX = 16;
    private static final String DIGITS = "(0[xX])?\\p{XDigit}{1,256}";
    private static final String LIST = "\\[\\d{1,4}(-\\d{1,4})?(,\\d{1,4}(-\\d{1,4})?)*\\]";

    private Cpumask() {}

    /**
     * The processors that a text names; empty when it is no mask.
     *
     * @param text hexadecimal digits, with or without 0x before them, or a list such as {@code [0,2-4]}
     */
    public static Optional<BigInteger> parse(String text) {
        String mask = text.strip();
        if (mask.matches(DIGITS)) {
            return Optional.of(new BigInteger(mask.replaceFirst("^0[xX]", ""), HEX));
        }
        return mask.matches(LIST) ? Optional.of(listed(mask.substring(1, mask.length() - 1))) : Optional.empty();
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

    /** The processor that a reactor stands under: its own, or its number when it is bound to none. */
    public static int core(Reactor reactor) {
        return reactor.processor() < 0 ? reactor.id() : reactor.processor();
    }

    /** The mask of these reactors, such as {@code 0x3}. */
    public static String of(List<Reactor> reactors) {
        BigInteger mask = BigInteger.ZERO;
        for (Reactor reactor : reactors) {
            mask = mask.setBit(core(reactor));
        }
        return "0x" + mask.toString(HEX);
    }

    /** Those of the reactors that a text names; none when it names none of them or is no mask. */
    public static List<Reactor> among(List<Reactor> all, String text) {
        BigInteger mask = parse(text).orElse(BigInteger.ZERO);
        return all.stream().filter(reactor -> mask.testBit(core(reactor))).toList();
    }
}
