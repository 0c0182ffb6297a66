package dev.karst.reactor.sim;

import dev.karst.base.StorageException;
import dev.karst.env.sim.SimClock;
import dev.karst.env.sim.SimEnvironment;
import dev.karst.env.sim.SimEventSet;
import dev.karst.env.sim.SimRandom;
import dev.karst.reactor.IdlePolicy;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Reactors;
import dev.karst.reactor.core.ControlWait;
import dev.karst.reactor.core.EventLoop;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Event loops without threads. Each step, the seed chooses who goes on: a loop that is awake, the world around, or a piece
 * of background work. When nobody has anything to do, the clock jumps to the next thing that is due.
 */
public final class SimReactors implements Reactors {
    /** Most virtual time that a step takes. */
    private static final long STEP_NANOS = 1_000;
    private static final long SPIN_NANOS = 5_000;

    /** A loop, and whether it rests. */
    private static final class Stepped {
        final EventLoop loop;
        final SimEventSet events;
        boolean asleep;
        /** It does nothing before that time, unless it is woken. */
        long restsUntil;

        Stepped(EventLoop loop, SimEventSet events) {
            this.loop = loop;
            this.events = events;
        }

        boolean isAwake(long now) {
            return now >= restsUntil || events.isReady() || !asleep && loop.hasWork();
        }
    }

    private final SimEnvironment environment;
    private final SimClock clock;
    private final SimRandom random;
    private final List<Stepped> loops = new ArrayList<>();
    private final List<Reactor> all;
    private final List<Throwable> failures = new ArrayList<>();
    private final Thread driver = Thread.currentThread();
    private int turn;
    private long steps;

    /** {@code count} reactors in that environment, driven by the calling thread. */
    public SimReactors(SimEnvironment environment, SimRandom random, int count) {
        this.environment = environment;
        this.clock = environment.clock();
        this.random = random;
        for (int id = 0; id < count; id++) {
            SimEventSet events = environment.openEventSet();
            IdlePolicy policy = random.oneIn(2) ? IdlePolicy.ADAPTIVE : IdlePolicy.INTERRUPT;
            var loop = new EventLoop(id, environment, events, (_, failure) -> failures.add(failure), policy, SPIN_NANOS);
            loops.add(new Stepped(loop, events));
        }
        all = Collections.unmodifiableList(loops.stream().map(stepped -> (Reactor) stepped.loop).toList());
    }

    @Override
    public List<Reactor> all() {
        return all;
    }

    @Override
    public Reactor next() {
        return all.get(turn++ % all.size());
    }

    /** Steps until the future is done or so much virtual time has passed. */
    @Override
    public <T> T await(CompletableFuture<T> future, long timeoutMs, String what) throws StorageException {
        ControlWait.refuseOn(all, what);
        long deadline = clock.nanos() + timeoutMs * 1_000_000;
        while (!future.isDone()) {
            if (clock.nanos() >= deadline) {
                throw ControlWait.timeout(timeoutMs, what);
            }
            step(deadline);
        }
        return ControlWait.result(future, what);
    }

    /**
     * Does one thing. When nothing is to do now, moves the clock to the next thing that is due, or to {@code horizonNanos}
     * if that is sooner. Returns false when there is nothing to do before the horizon.
     */
    public boolean step(long horizonNanos) {
        if (Thread.currentThread() != driver) {
            throw new IllegalStateException("the simulation is stepped by the thread that made it");
        }
        long now = clock.nanos();
        int choices = choices(now);
        if (choices == 0) {
            return jump(horizonNanos);
        }
        choose(now, random.below(choices));
        steps++;
        clock.advance(random.between(50, STEP_NANOS));
        return true;
    }

    /** What messages, pollers and callbacks threw. A test that expects it clears the list. */
    public List<Throwable> failures() {
        return failures;
    }

    /** Steps taken so far. */
    public long steps() {
        return steps;
    }

    private boolean jump(long horizonNanos) {
        long next = Math.min(nextDue(), horizonNanos);
        if (next != Long.MAX_VALUE) {
            clock.advanceTo(next);
        }
        return next < horizonNanos;
    }

    private int choices(long now) {
        int choices = environment.schedule().isDue() ? 1 : 0;
        choices += environment.threads().hasWork() ? 1 : 0;
        for (Stepped stepped : loops) {
            choices += stepped.isAwake(now) ? 1 : 0;
        }
        return choices;
    }

    private void choose(long now, int choice) {
        int left = choice;
        for (Stepped stepped : loops) {
            if (stepped.isAwake(now) && left-- == 0) {
                round(stepped);
                return;
            }
        }
        if (environment.schedule().isDue() && left == 0) {
            environment.schedule().runNext();
        } else {
            environment.trace().event("background", 0, 0);
            environment.threads().runNext();
        }
    }

    private void round(Stepped stepped) {
        EventLoop loop = stepped.loop;
        stepped.asleep = false;
        loop.wakeUp();
        loop.enter();
        boolean busy = loop.round();
        environment.trace().event("round", loop.id(), busy ? clock.elapsedNanos() : 0);
        stepped.restsUntil = busy ? 0 : rest(stepped);
        loop.leave();
    }

    /** Until when an idle loop rests: asleep, or spinning, which is skipped in small pieces. */
    private long rest(Stepped stepped) {
        long nanos = stepped.loop.restNanos();
        if (nanos == 0) {
            return clock.nanos() + random.between(1, SPIN_NANOS);
        }
        stepped.asleep = stepped.loop.fallAsleep();
        if (!stepped.asleep) {
            return 0;
        }
        return nanos == Long.MAX_VALUE ? nanos : clock.nanos() + nanos;
    }

    private long nextDue() {
        long due = environment.schedule().nextNanos();
        for (Stepped stepped : loops) {
            due = Math.min(due, stepped.restsUntil);
        }
        return due;
    }
}
