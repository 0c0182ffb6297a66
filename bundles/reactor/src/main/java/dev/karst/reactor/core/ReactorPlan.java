package dev.karst.reactor.core;

import dev.karst.reactor.IdlePolicy;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What the settings ask for, checked.
 *
 * @param processors one reactor on each, ascending as given
 * @param policy what an idle reactor does
 * @param spinNanos how long an adaptive reactor asks before it sleeps
 */
record ReactorPlan(List<Integer> processors, IdlePolicy policy, long spinNanos) {
    /**
     * Without a setting: a reactor on each of the first two processors. Two show that load spreads and are enough for most
     * of what one host asks; what a reactor takes of a processor is taken from everything else there, so more is for whoever
     * owns the machine to say.
     */
    private static final int DEFAULT_REACTORS = 2;
    private static final int MOST_SPIN_MICROS = 1_000_000;

    /** Checks the settings against the processors that there are; the message of a refusal says what is expected. */
    static ReactorPlan of(ReactorSettings settings, int[] available) {
        int micros = settings.spin_micros();
        if (micros < 0 || micros > MOST_SPIN_MICROS) {
            throw new IllegalArgumentException("spin.micros is " + micros + "; expected 0 to " + MOST_SPIN_MICROS);
        }
        List<Integer> processors = processors(settings.processors(), available);
        return new ReactorPlan(processors, policy(settings.idle_policy()), micros * 1000L);
    }

    /** What holds when nothing is set. */
    static ReactorPlan standard(int[] available) {
        return new ReactorPlan(processors(new String[0], available), IdlePolicy.ADAPTIVE, 100_000);
    }

    /** The policy of that name, whatever its case. */
    static IdlePolicy policy(String name) {
        try {
            return IdlePolicy.valueOf(name.strip().toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("idle.policy is " + name + "; expected poll, adaptive or interrupt", e);
        }
    }

    private static List<Integer> processors(String[] settings, int[] available) {
        List<Integer> wanted = Arrays.stream(settings)
            .flatMap(setting -> Arrays.stream(setting.split(",")))
            .map(String::strip)
            .filter(word -> !word.isEmpty())
            .map(ReactorPlan::number)
            .toList();
        if (wanted.isEmpty()) {
            return Arrays.stream(available).limit(DEFAULT_REACTORS).boxed().toList();
        }
        for (int processor : wanted) {
            if (Arrays.stream(available).noneMatch(each -> each == processor)) {
                throw refusal("processor " + processor + " is not one of " + Arrays.toString(available));
            }
        }
        if (wanted.stream().distinct().count() != wanted.size()) {
            throw refusal("a processor is named twice in " + wanted);
        }
        return wanted;
    }

    private static int number(String word) {
        try {
            return Integer.parseInt(word);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("processors: not a number: " + word, e);
        }
    }

    private static IllegalArgumentException refusal(String message) {
        return new IllegalArgumentException("processors: " + message);
    }
}
