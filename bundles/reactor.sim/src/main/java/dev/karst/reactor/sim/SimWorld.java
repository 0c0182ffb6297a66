package dev.karst.reactor.sim;

import dev.karst.base.StorageException;
import dev.karst.env.sim.SimClock;
import dev.karst.env.sim.SimEnvironment;
import dev.karst.env.sim.SimFaults;
import dev.karst.env.sim.SimRandom;
import dev.karst.reactor.Reactor;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;

/**
 * A whole simulated machine with its reactors, from one seed: the same seed gives the same run. Made, driven and closed by
 * one thread, the test's. What goes wrong on a reactor fails the test.
 */
public final class SimWorld implements AutoCloseable {
    /** As the first seed: take one that nobody has seen. */
    public static final long RANDOM = Long.MIN_VALUE;
    /** Most steps, unless a test says otherwise. */
    public static final long MOST_STEPS = 5_000_000;

    /** What a test does with a world. */
    @FunctionalInterface
    public interface Body {
        void run(SimWorld world) throws Exception;
    }

    private final long seed;
    private final SimRandom random;
    private final SimEnvironment environment;
    private final SimReactors reactors;

    /** A world with {@code reactors} reactors. */
    public SimWorld(long seed, int reactors) {
        this.seed = seed;
        var root = new SimRandom(seed);
        this.environment = new SimEnvironment(root.split(), reactors);
        this.reactors = new SimReactors(environment, root.split(), reactors);
        this.random = root.split();
    }

    /**
     * Runs the body in {@code count} worlds, of the seeds from {@code firstSeed} on, with one to three reactors. System
     * property {@code karst.sim.seed} replays one seed instead; {@code karst.sim.seeds} sets the count.
     *
     * @throws AssertionError that begins with the seed, for the first that fails
     */
    public static void run(long firstSeed, int count, Body body) {
        run(firstSeed, count, 0, body);
    }

    /** The same with {@code reactors} reactors; 0 for what the seed says. */
    public static void run(long firstSeed, int count, int reactors, Body body) {
        Long replayed = Long.getLong("karst.sim.seed");
        if (replayed != null) {
            runOne(replayed, reactors, body);
            return;
        }
        long first = firstSeed == RANDOM ? new SplittableRandom().nextLong(Long.MAX_VALUE / 2) : firstSeed;
        int most = Integer.getInteger("karst.sim.seeds", count);
        for (long seed = first; seed < first + most; seed++) {
            runOne(seed, reactors, body);
        }
    }

    private static void runOne(long seed, int reactors, Body body) {
        int count = reactors == 0 ? 1 + (int) Math.floorMod(seed, 3L) : reactors;
        try (var world = new SimWorld(seed, count)) {
            body.run(world);
            world.check();
        } catch (Throwable e) {
            throw new AssertionError("seed " + seed + " (replay with -Dkarst.sim.seed=" + seed + "): " + e, e);
        }
    }

    public SimEnvironment environment() {
        return environment;
    }

    public SimReactors reactors() {
        return reactors;
    }

    public Reactor reactor(int id) {
        return reactors.all().get(id);
    }

    public SimClock clock() {
        return environment.clock();
    }

    /** What goes wrong; nothing at first. */
    public SimFaults faults() {
        return environment.faults();
    }

    /** Chance for the test itself. */
    public SimRandom random() {
        return random;
    }

    public long seed() {
        return seed;
    }

    /** A hash of all that happened up to now. */
    public long traceHash() {
        return environment.trace().hash();
    }

    /** Steps until the condition holds. */
    public void until(BooleanSupplier condition) {
        until(condition, MOST_STEPS);
    }

    /** Steps until the condition holds, at most so many times; fails when it does not, or when nothing is left to do. */
    public void until(BooleanSupplier condition, long mostSteps) {
        long last = reactors.steps() + mostSteps;
        while (!condition.getAsBoolean()) {
            if (reactors.steps() >= last) {
                throw new AssertionError("not reached in " + mostSteps + " steps");
            }
            if (!reactors.step(Long.MAX_VALUE)) {
                throw new AssertionError("not reached, and nothing is left to do");
            }
            check();
        }
    }

    /** Steps until the future is done, and gives what it holds. */
    public <T> T get(CompletableFuture<T> future) throws StorageException {
        until(future::isDone);
        return reactors.await(future, 0, "what is done");
    }

    /** Runs it on the reactor, as a message, and gives its result. */
    public <T> T call(Reactor reactor, Callable<T> task) throws Exception {
        return call(reactor::execute, task);
    }

    private <T> T call(Executor where, Callable<T> task) throws Exception {
        var future = new CompletableFuture<T>();
        where.execute(() -> {
            try {
                future.complete(task.call());
            } catch (Throwable e) {
                future.completeExceptionally(e);
            }
        });
        until(future::isDone);
        if (future.isCompletedExceptionally()) {
            throw rethrown(future.exceptionNow());
        }
        return future.resultNow();
    }

    /** Runs it on the reactor, as a message, and returns when it has run. */
    public void on(Reactor reactor, Runnable task) throws Exception {
        call(reactor, () -> {
            task.run();
            return null;
        });
    }

    /** Runs it as background work, where it may wait for reactors, and gives its result. */
    public <T> T background(Callable<T> task) throws Exception {
        return call(environment.threads().background(), task);
    }

    /** Lets so much virtual time pass. */
    public void runFor(long millis) {
        long end = clock().nanos() + millis * 1_000_000;
        while (clock().nanos() < end) {
            reactors.step(end);
            check();
        }
    }

    /** Steps until nothing is left to do but what is due only after {@code millis} of quiet. */
    public void settle(long millis) {
        long last = reactors.steps() + MOST_STEPS;
        while (reactors.step(clock().nanos() + millis * 1_000_000)) {
            check();
            if (reactors.steps() >= last) {
                throw new AssertionError("not settled in " + MOST_STEPS + " steps");
            }
        }
    }

    /** Fails if something was thrown on a reactor. */
    public void check() {
        List<Throwable> failures = reactors.failures();
        if (!failures.isEmpty()) {
            throw new AssertionError("thrown on a reactor: " + failures.getFirst(), failures.getFirst());
        }
    }

    @Override
    public void close() {
        environment.close();
    }

    private static Exception rethrown(Throwable failure) {
        if (failure instanceof Error error) {
            throw error;
        }
        return (Exception) failure;
    }
}
