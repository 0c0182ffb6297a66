package dev.karst.env.sim;

import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * Which combinations of open writes a power cut leaves. A combination holds a choice for each write: 0 lost, 1 whole, then
 * for each sector boundary within it the part before, and the part behind.
 *
 * <p>All combinations when they are not more than wanted. Else, within what is wanted: all subsets of whole writes if there
 * are at most twelve, otherwise each prefix and each that lacks one or two; then single torn writes among whole, lost and
 * preceding ones; then chance.
 */
final class CutPlan {
    static final int SECTOR = 512;
    static final int LOST = 0;
    static final int WHOLE = 1;
    private static final int MOST_FOR_SUBSETS = 12;

    private final int[] choices;
    private final long most;
    private final SimRandom random;
    private final Consumer<int[]> taker;
    private long made;

    CutPlan(List<WriteRecorder.Write> open, long most, SimRandom random, Consumer<int[]> taker) {
        this.choices = open.stream().mapToInt(write -> 2 + 2 * boundaries(write)).toArray();
        this.most = most;
        this.random = random;
        this.taker = taker;
    }

    /** How many sector boundaries lie within the write. */
    static int boundaries(WriteRecorder.Write write) {
        long first = write.offset / SECTOR + 1;
        long last = (write.offset + write.length - 1) / SECTOR;
        return (int) Math.max(0, last - first + 1);
    }

    /** Where in the file the torn choice cuts the write. */
    static long boundary(WriteRecorder.Write write, int choice) {
        return (write.offset / SECTOR + 1 + (choice - 2) / 2) * SECTOR;
    }

    /** Whether the torn choice keeps what lies before the boundary. */
    static boolean keepsBefore(int choice) {
        return choice % 2 == 0;
    }

    /** Whether there are not more combinations than wanted, so that {@link #run} makes them all. */
    boolean isExhaustive() {
        long product = 1;
        for (int choice : choices) {
            product *= choice;
            if (product > most) {
                return false;
            }
        }
        return true;
    }

    /** Makes the combinations; returns how many. */
    long run() {
        if (isExhaustive()) {
            all();
            return made;
        }
        if (choices.length <= MOST_FOR_SUBSETS) {
            subsets(most / 2);
        } else {
            prefixes(most / 2);
            drops(most / 2);
        }
        tears(most / 4 * 3);
        while (made < most) {
            chance();
        }
        return made;
    }

    private void all() {
        int[] combination = new int[choices.length];
        int at;
        do {
            take(combination);
            at = 0;
            while (at < choices.length && ++combination[at] == choices[at]) {
                combination[at++] = 0;
            }
        } while (at < choices.length);
    }

    private void subsets(long until) {
        int[] combination = new int[choices.length];
        for (int bits = 0; bits < 1 << choices.length && made < until; bits++) {
            for (int i = 0; i < choices.length; i++) {
                combination[i] = bits >> i & 1;
            }
            take(combination);
        }
    }

    private void prefixes(long until) {
        for (int length = choices.length; length >= 0 && made < until; length--) {
            take(upTo(length));
        }
    }

    private void drops(long until) {
        for (int apart = 0; apart < choices.length; apart++) {
            for (int i = 0; i + apart < choices.length && made < until; i++) {
                int[] combination = upTo(choices.length);
                combination[i] = LOST;
                combination[i + apart] = LOST;
                take(combination);
            }
        }
    }

    private void tears(long until) {
        long torn = 3L * Arrays.stream(choices).mapToLong(choice -> choice - 2).sum();
        int stride = (int) (torn / Math.max(1, until - made)) + 1;
        for (int i = 0; i < choices.length; i++) {
            for (int choice = 2 + random.below(stride); choice < choices[i] && made + 3 <= until; choice += stride) {
                tear(upTo(choices.length), i, choice);
                tear(upTo(i), i, choice);
                tear(upTo(0), i, choice);
            }
        }
    }

    private void tear(int[] combination, int write, int choice) {
        combination[write] = choice;
        take(combination);
    }

    private void chance() {
        int[] combination = new int[choices.length];
        int likely = random.below(4);
        for (int i = 0; i < choices.length; i++) {
            combination[i] = switch (likely) {
                case 0 -> random.below(2);
                case 1 -> random.oneIn(8) ? LOST : WHOLE;
                case 2 -> random.oneIn(8) ? random.below(choices[i]) : random.below(2);
                default -> random.below(choices[i]);
            };
        }
        take(combination);
    }

    private int[] upTo(int length) {
        int[] combination = new int[choices.length];
        Arrays.fill(combination, 0, length, WHOLE);
        return combination;
    }

    private void take(int[] combination) {
        made++;
        taker.accept(combination);
    }
}
