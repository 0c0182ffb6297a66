package dev.karst.reactor.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Errno;
import dev.karst.base.IoVector;
import dev.karst.base.StorageException;
import dev.karst.env.DataFile;
import dev.karst.env.FileOp;
import dev.karst.env.Region;
import dev.karst.reactor.IdlePolicy;
import dev.karst.reactor.Poller;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Timer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The simulated world itself. */
class SimWorldTest {
    /** Writes to random places for ever, one write after the other. */
    private static final class Writer extends FileOp {
        final SimWorld world;
        final Reactor reactor;
        int completions;

        Writer(SimWorld world, Reactor reactor, DataFile file) throws StorageException {
            this.world = world;
            this.reactor = reactor;
            this.file = file;
            Region region = world.environment().memory().allocate("writer", 4096);
            data = new IoVector(1);
            data.set(region.address(), 4096);
            length = 4096;
            kind = Kind.WRITE;
        }

        void next() {
            try {
                offset = world.random().below(64) * 4096L;
                assertEquals(0, reactor.fileRing().submit(this));
            } catch (StorageException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public void completed(int result) {
            completions++;
            next();
        }
    }

    private static List<Writer> writers(SimWorld world) throws Exception {
        world.environment().files().create(Path.of("/disk"), 1 << 20);
        List<Writer> writers = new ArrayList<>();
        for (Reactor reactor : world.reactors().all()) {
            var writer = new Writer(world, reactor, world.environment().files().open(Path.of("/disk"), false));
            writers.add(writer);
            world.on(reactor, writer::next);
        }
        return writers;
    }

    private static long hashOf(long seed) throws Exception {
        try (var world = new SimWorld(seed, 3)) {
            world.faults().turnSomeOn(world.random());
            world.faults().ringFullOneIn = 0;
            List<Writer> writers = writers(world);
            world.until(() -> writers.stream().allMatch(writer -> writer.completions > 100));
            return world.traceHash();
        }
    }

    @Test
    void shouldRunTheSameTraceWhenTheSeedIsTheSame() throws Exception {
        for (long seed = 0; seed < 20; seed++) {
            assertEquals(hashOf(seed), hashOf(seed));
            assertNotEquals(hashOf(seed), hashOf(seed + 1000));
        }
    }

    @Test
    void shouldSkipIdleTimeWhenOnlyATimerIsLeft() throws Exception {
        SimWorld.run(1, 50, world -> {
            boolean[] ran = {false};
            Timer timer = new Timer() {
                @Override
                public void expired() {
                    ran[0] = true;
                }
            };
            long start = world.clock().nanos();
            world.on(world.reactor(0), () -> world.reactor(0).schedule(timer, 3_600_000_000_000L));
            world.until(() -> ran[0], 1000);
            long took = world.clock().nanos() - start;
            assertTrue(took >= 3_600_000_000_000L && took < 3_600_001_000_000L, "took " + took);
        });
    }

    @Test
    void shouldWakeASleepingReactorWhenAnotherSendsToIt() throws Exception {
        SimWorld.run(1, 50, 2, world -> {
            world.settle(10);
            boolean[] ran = {false};
            world.on(world.reactor(0), () -> world.reactor(1).execute(() -> ran[0] = true));
            world.until(() -> ran[0], 1000);
            assertTrue(world.reactor(1).statistics().sleeps() > 0);
        });
    }

    @Test
    void shouldStepTheReactorsWhenBackgroundWorkWaitsForThem() throws Exception {
        SimWorld.run(1, 50, world -> {
            int outcome = world.background(
                () -> world.reactors().<Integer>call(world.reactor(0), _ -> 3)
                    + world.background(() -> world.reactors().<Integer>call(world.reactor(0), _ -> 4)));
            assertEquals(7, outcome);
        });
    }

    @Test
    void shouldTimeOutInVirtualTimeWhenNobodyAnswers() {
        SimWorld.run(1, 10, world -> {
            var never = new CompletableFuture<Void>();
            long before = world.clock().wallMs();
            var late = assertThrows(StorageException.class, () -> world.reactors().await(never, 30_000, "nobody"));
            assertEquals(-Errno.ETIMEDOUT, late.code());
            assertEquals(30_000, world.clock().wallMs() - before, 1);
        });
    }

    @Test
    void shouldRefuseToWaitWhenCalledOnAReactor() {
        SimWorld.run(1, 5, world -> world.on(world.reactor(0), () -> assertThrows(
            IllegalStateException.class, () -> world.reactors().await(new CompletableFuture<>(), 1, "nothing"))));
    }

    @Test
    void shouldNameTheSeedFirstWhenABodyFails() {
        var failure = assertThrows(AssertionError.class, () -> SimWorld.run(5, 100, world -> {
            if (world.seed() == 17) {
                throw new StorageException(-1, "planted");
            }
        }));
        assertTrue(failure.getMessage().startsWith("seed 17 (replay with -Dkarst.sim.seed=17)"), failure.getMessage());
        assertTrue(failure.getMessage().contains("planted"));
    }

    @Test
    void shouldFailTheTestWhenSomethingThrowsOnAReactor() {
        var failure = assertThrows(AssertionError.class, () -> SimWorld.run(1, 1, world -> {
            world.reactor(0).execute(() -> {
                throw new IllegalStateException("planted");
            });
            world.settle(1);
        }));
        assertTrue(failure.getMessage().contains("thrown on a reactor: java.lang.IllegalStateException: planted"));
    }

    @Test
    void shouldReplayTheSeedWhenThePropertySaysSo() {
        System.setProperty("karst.sim.seed", "42");
        try {
            List<Long> seeds = new ArrayList<>();
            SimWorld.run(1, 100, world -> seeds.add(world.seed()));
            assertEquals(List.of(42L), seeds);
        } finally {
            System.clearProperty("karst.sim.seed");
        }
    }

    /** A poller that says its work announces itself, and it does not: the lost wake-up that a layer may have. */
    @Test
    void shouldFindTheMissingWakeUpWhenAPollerDoesNotAnnounceItsWork() {
        for (boolean honest : new boolean[] {true, false}) {
            boolean[] flag = {false};
            boolean[] seen = {false};
            Runnable test = () -> SimWorld.run(1, 20, 1, world -> {
                flag[0] = false;
                seen[0] = false;
                world.on(world.reactor(0), () -> world.reactor(0).add(poller(flag, seen, honest)));
                world.runFor(5);
                flag[0] = true;
                world.until(() -> seen[0], 10_000);
            });
            if (honest) {
                test.run();
            } else {
                assertTrue(assertThrows(AssertionError.class, test::run).getMessage().contains("nothing is left to do"));
            }
        }
    }

    private static Poller poller(boolean[] flag, boolean[] seen, boolean honest) {
        return new Poller() {
            @Override
            public int poll() {
                seen[0] |= flag[0];
                return 0;
            }

            @Override
            public boolean announcesWork() {
                return !honest;
            }
        };
    }

    @Test
    void shouldGoOnWhenThePolicyIsPoll() {
        SimWorld.run(1, 5, 2, world -> {
            world.reactors().all().forEach(reactor -> reactor.idlePolicy(IdlePolicy.POLL));
            world.runFor(10);
            assertEquals(1, world.reactors().<Integer>call(world.reactor(1), _ -> 1));
        });
    }
}
