package dev.karst.env.sim;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What a power cut may leave: all that was synced, and of the writes that were not, or were in flight, any subset, each
 * whole or torn at a 512-byte sector. A write is synced when its owner was told of its completion before it submitted a
 * SYNC of the file that has been acknowledged. Writes that overlap land in the order in which the disk completed them. A
 * file that was created is there, and one that was given another length has it. A name that a small file was given is there or not until its folder was synced, whatever
 * became of other names and of what the file holds.
 */
public final class PowerCut {
    /** Looks at a state; throws when it must not be. */
    @FunctionalInterface
    public interface Check {
        void check(CrashState state) throws Exception;
    }

    /**
     * How much was looked at.
     *
     * @param instants power cuts
     * @param made states made
     * @param distinct states with contents (and a mark) that were not seen before; those were checked
     * @param mostOpen open writes at the instant that had most of them
     * @param exhaustive whether those are all states that there are
     */
    public record Report(int instants, long made, long distinct, int mostOpen, boolean exhaustive) {
        Report with(Report other) {
            return new Report(
                instants + other.instants, made + other.made, distinct + other.distinct,
                Math.max(mostOpen, other.mostOpen), exhaustive && other.exhaustive);
        }
    }

    private final WriteRecorder recorder;
    private final SimRandom random;
    private final long mostStates;
    private final Set<Long> seen = new HashSet<>();

    /** @param mostStates made for each instant; beyond it a part is chosen and the report says so */
    public PowerCut(WriteRecorder recorder, SimRandom random, long mostStates) {
        this.recorder = recorder;
        this.random = random;
        this.mostStates = mostStates;
    }

    /** Checks the states that a cut at any instant up to now may leave. */
    public Report checkAll(Check check) {
        Report whole = new Report(0, 0, 0, 0, true);
        for (long instant : recorder.instants()) {
            whole = whole.with(checkAt(instant, check));
        }
        return whole;
    }

    /** Checks the states that a cut now may leave. */
    public Report checkNow(Check check) {
        return checkAt(recorder.now(), check);
    }

    /**
     * Checks the states that a cut at that instant may leave, but for those that were checked before.
     *
     * @throws AssertionError that says which state, for the first that fails
     */
    public Report checkAt(long instant, Check check) {
        Map<Path, SparseBytes> durable = recorder.durableAt(instant);
        List<WriteRecorder.Write> open = recorder.openAt(instant);
        long mark = recorder.markAt(instant);
        long before = seen.size();
        var plan = new CutPlan(open, mostStates, random, combination -> {
            CrashState state = state(instant, durable, open, combination);
            if (seen.add(state.hash() * 31 + mark)) {
                run(check, state);
            }
        });
        boolean exhaustive = plan.isExhaustive();
        long made = plan.run();
        return new Report(1, made, seen.size() - before, open.size(), exhaustive);
    }

    private CrashState state(
        long instant, Map<Path, SparseBytes> durable, List<WriteRecorder.Write> open, int[] combination) {
        Map<Path, SparseBytes> files = CrashState.forkAll(durable);
        Set<WriteRecorder.Write> namings = new HashSet<>();
        for (int i = 0; i < combination.length; i++) {
            WriteRecorder.Write write = open.get(i);
            if (!(write instanceof WriteRecorder.Naming)) {
                apply(files.get(write.path), write, combination[i], recorder.endAt(write, instant));
            } else if (combination[i] == CutPlan.WHOLE) {
                namings.add(write);
            }
        }
        return new CrashState(instant, text(open, combination), recorder.namedAt(instant, files, namings));
    }

    private static void apply(SparseBytes bytes, WriteRecorder.Write write, int choice, long end) {
        if (choice == CutPlan.WHOLE) {
            WriteRecorder.apply(bytes, write, write.offset, end);
        } else if (choice != CutPlan.LOST) {
            long boundary = CutPlan.boundary(write, choice);
            boolean before = CutPlan.keepsBefore(choice);
            WriteRecorder.apply(bytes, write, before ? write.offset : boundary, before ? Math.min(boundary, end) : end);
        }
    }

    private static String text(List<WriteRecorder.Write> open, int[] combination) {
        return IntStream.range(0, combination.length)
            .mapToObj(i -> text(open.get(i), combination[i]))
            .collect(Collectors.joining(" "));
    }

    private static String text(WriteRecorder.Write write, int choice) {
        return switch (choice) {
            case CutPlan.LOST -> ".";
            case CutPlan.WHOLE -> "#";
            default -> (CutPlan.keepsBefore(choice) ? "<" : ">")
                + (CutPlan.boundary(write, choice) / CutPlan.SECTOR - write.offset / CutPlan.SECTOR);
        };
    }

    private static void run(Check check, CrashState state) {
        try {
            check.check(state);
        } catch (Exception | AssertionError e) {
            String where = "after a power cut at instant " + state.instant() + " that left [" + state.what() + "]: ";
            throw new AssertionError(where + e.getMessage(), e);
        }
    }
}
