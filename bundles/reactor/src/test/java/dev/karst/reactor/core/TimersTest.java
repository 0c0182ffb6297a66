package dev.karst.reactor.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.reactor.Timer;
import dev.karst.reactor.Timers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The timer heap against a sorted map. */
class TimersTest {
    private static final class Named extends Timer {
        final int name;
        final List<Integer> ran;

        Named(int name, List<Integer> ran) {
            this.name = name;
            this.ran = ran;
        }

        @Override
        public void expired() {
            ran.add(name);
        }
    }

    @Test
    void shouldExpireInOrderOfTimeAsASortedModelDoes() {
        for (int seed = 0; seed < 200; seed++) {
            new Run(seed).play();
        }
    }

    private static final class Run {
        final SplittableRandom random;
        final Timers timers = new Timers();
        final List<Integer> ran = new ArrayList<>();
        final List<Named> all = new ArrayList<>();
        final Map<Integer, Long> model = new TreeMap<>();
        long now;

        Run(int seed) {
            random = new SplittableRandom(seed);
            for (int name = 0; name < 150; name++) {
                all.add(new Named(name, ran));
            }
        }

        void play() {
            for (int step = 0; step < 1000; step++) {
                Named timer = all.get(random.nextInt(all.size()));
                switch (random.nextInt(4)) {
                    case 0, 1 -> {
                        long due = now + random.nextInt(1000);
                        timers.schedule(timer, due);
                        model.put(timer.name, due);
                    }
                    case 2 -> {
                        timers.cancel(timer);
                        model.remove(timer.name);
                    }
                    default -> expire();
                }
                assertEquals(model.containsKey(timer.name), timer.isScheduled());
                assertEquals(model.size(), timers.size());
                assertEquals(model.values().stream().min(Long::compare).orElse(Long.MAX_VALUE), timers.nextNanos());
            }
        }

        private void expire() {
            now += random.nextInt(50);
            ran.clear();
            Map<Integer, Long> before = new TreeMap<>(model);
            model.values().removeIf(due -> due <= now);
            assertEquals(before.size() - model.size(), timers.expire(now));
            for (int i = 0; i < ran.size(); i++) {
                assertTrue(before.get(ran.get(i)) <= now);
                assertTrue(i == 0 || before.get(ran.get(i - 1)) <= before.get(ran.get(i)));
            }
        }
    }
}
