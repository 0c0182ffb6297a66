package dev.karst.vhost;

import dev.karst.reactor.Reactor;
import java.math.BigInteger;
import java.util.List;

/** Reactors as a mask of their processors; one that is bound to none counts by its own number. */
public final class Cpumask {
    private static final int HEX = 16;
    private static final String MASK = "(0[xX])?\\p{XDigit}{1,256}";
    private static final String LIST = "\\[\\d{1,4}(-\\d{1,4})?(,\\d{1,4}(-\\d{1,4})?)*\\]";

    private Cpumask() {}

    private static int core(Reactor reactor) {
        return reactor.processor() < 0 ? reactor.id() : reactor.processor();
    }

    /** The mask of these, such as {@code 0x3}. */
    public static String of(List<Reactor> reactors) {
        BigInteger mask = BigInteger.ZERO;
        for (Reactor reactor : reactors) {
            mask = mask.setBit(core(reactor));
        }
        return "0x" + mask.toString(HEX);
    }

    /**
     * Those of {@code all} that a mask names.
     *
     * @param mask hexadecimal digits, with or without 0x, or a list such as {@code [0,2-4]}
     * @return none when it names none of them or is neither
     */
    public static List<Reactor> among(List<Reactor> all, String mask) {
        String text = mask.strip();
        return all.stream().filter(reactor -> text.matches(MASK) && masks(text, core(reactor))
            || text.matches(LIST) && lists(text.substring(1, text.length() - 1), core(reactor))).toList();
    }

    private static boolean masks(String text, int core) {
        return new BigInteger(text.startsWith("0x") || text.startsWith("0X") ? text.substring(2) : text, HEX).testBit(core);
    }

    private static boolean lists(String ranges, int core) {
        for (String range : ranges.split(",")) {
            String[] ends = range.split("-");
            if (core >= Integer.parseInt(ends[0]) && core <= Integer.parseInt(ends[ends.length - 1])) {
                return true;
            }
        }
        return false;
    }
}
