package dev.karst.config.state;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.env.Files;
import dev.karst.env.sim.CrashState;
import dev.karst.env.sim.PowerCut;
import dev.karst.env.sim.SimEnvironment;
import dev.karst.env.sim.SimRandom;
import dev.karst.env.sim.WriteRecorder;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * The power is cut at every instant that matters: what is read back is what was answered last or what was on its way, and
 * never between. The same holds for a second cut during the start after the first.
 */
class StatePowerCutSimTest {
    private static final int SEEDS = 12;
    private static final int CHANGES = 30;
    private static final int MOST_TOGETHER = 3;
    private static final long MOST_STATES = 150;

    private long states;
    private long secondCuts;

    /** Files of which one step is left out: a planted bug. */
    private static Files without(Files files, String step) {
        InvocationHandler handler = (proxy, method, arguments) -> {
            if (method.isDefault()) {
                return InvocationHandler.invokeDefault(proxy, method, arguments);
            }
            boolean isJournal = arguments != null && arguments[0] instanceof Path path && path.endsWith("journal");
            if (method.getName().equals(step) || step.equals("sync of the journal") && isJournal && method.getName().equals("sync")) {
                return null;
            }
            try {
                return method.invoke(files, arguments);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        };
        return (Files) Proxy.newProxyInstance(Files.class.getClassLoader(), new Class<?>[] {Files.class}, handler);
    }

    private void cutEverywhere(long seed, String plant) throws Exception {
        var random = new SimRandom(seed);
        try (var environment = new SimEnvironment(random.split(), 1)) {
            environment.faults().lyingSync = plant.equals("lying disk");
            WriteRecorder recorder = environment.files().record();
            Files files = without(environment.files(), plant);
            Pairs pairs = Pairs.start(files);
            List<Map<String, Long>> told = new ArrayList<>(List.of(Map.of()));
            recorder.mark(0);
            while (told.size() < CHANGES) {
                long last = 0;
                for (int i = random.below(MOST_TOGETHER); i >= 0; i--) {
                    String name = "pair" + random.below(4);
                    last = random.oneIn(4) ? pairs.remove(name) : pairs.put(name + "x".repeat(random.below(600)), told.size());
                    told.add(new TreeMap<>(pairs.held));
                }
                if (plant.equals("early answer")) {
                    recorder.mark(told.size() - 1);
                }
                pairs.kept.await(last);
                recorder.mark(told.size() - 1);
                pairs = random.oneIn(8) ? Pairs.start(files) : pairs;
            }
            var report = new PowerCut(recorder, random, MOST_STATES)
                .checkAll(state -> checkState(state, told, (int) recorder.markAt(state.instant()), random));
            states += report.distinct();
        }
    }

    private void checkState(CrashState state, List<Map<String, Long>> told, int last, SimRandom random) throws Exception {
        try (var after = new SimEnvironment(new SimRandom(1), 1)) {
            state.openIn(after);
            Map<String, Long> found = Pairs.load(after.files()).held;
            int from = Math.max(0, last);
            List<Map<String, Long>> right = told.subList(from, Math.min(told.size(), from + 1 + MOST_TOGETHER));
            assertTrue(right.contains(found), () -> found + " is none of " + right);
            if (random.oneIn(40)) {
                cutAgain(after, found, random);
            }
        }
    }

    private void cutAgain(SimEnvironment environment, Map<String, Long> found, SimRandom random) throws Exception {
        WriteRecorder recorder = environment.files().record();
        Pairs pairs = Pairs.start(environment.files());
        pairs.putDurably("after", 1);
        recorder.mark(1);
        Map<String, Long> next = new TreeMap<>(pairs.held);
        new PowerCut(recorder, random, MOST_STATES).checkAll(state -> {
            try (var after = new SimEnvironment(new SimRandom(1), 1)) {
                state.openIn(after);
                Map<String, Long> again = Pairs.load(after.files()).held;
                boolean isTold = recorder.markAt(state.instant()) == 1;
                assertTrue(again.equals(next) || !isTold && again.equals(found), () -> again + " after " + found);
            }
        });
        secondCuts++;
    }

    @Test
    void shouldComeBackWithWhatWasAnsweredOrWasOnItsWayWhenPowerIsCut() throws Exception {
        for (long seed = 1; seed <= SEEDS; seed++) {
            cutEverywhere(seed, "nothing");
        }
        assertTrue(states > 50L * SEEDS && secondCuts > SEEDS, states + " states and " + secondCuts + " second cuts are too few");
    }

    @Test
    void shouldFailWhenABugIsPlanted() {
        for (String plant : List.of("sync", "sync of the journal", "syncFolder", "early answer", "lying disk")) {
            assertThrows(AssertionError.class, () -> {
                for (long seed = 1; seed <= SEEDS; seed++) {
                    cutEverywhere(seed, plant);
                }
            }, plant);
        }
    }
}
