package dev.karst.reactor.core;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.env.Environment;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Reactors;
import dev.karst.rpc.ConfigSource;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcMethods;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.Designate;

/** The reactors of the running process: event loops on platform threads, each bound to a processor. */
@Component(
    immediate = true, configurationPid = "dev.karst.reactor",
    service = {Reactors.class, RpcMethods.class, ConfigSource.class})
@Designate(ocd = ReactorSettings.class)
public final class PinnedReactors implements Reactors, RpcMethods, ConfigSource {
    private static final System.Logger LOG = System.getLogger(PinnedReactors.class.getName());
    private static final long START_MS = 10_000;
    /** Longer than a loop takes to wind down. */
    private static final long STOP_MS = 10_000;

    private final Environment environment;
    private final List<LoopThread> threads = new ArrayList<>();
    private final FailureLog failures = new FailureLog();
    private final AtomicInteger turn = new AtomicInteger();
    private final List<Watcher> watchers = new CopyOnWriteArrayList<>();
    private final Watchdog watchdog;
    private final List<Reactor> all;
    private final ProcessorLocks locks;
    private final SchedulerMethods scheduler;
    private final List<RpcMethod> methods;
    private ReactorPlan plan;

    /**
     * Starts the reactors and returns when all run.
     *
     * @throws StorageException EMFILE when there are no descriptors for one, ETIMEDOUT when a thread does not come up
     * @throws IllegalArgumentException when a setting makes no sense
     */
    @Activate
    public PinnedReactors(@Reference Environment environment, ReactorSettings settings) throws StorageException {
        this(environment, ReactorPlan.of(settings, environment.processors().available()));
    }

    /**
     * The same without a framework, with the settings that hold when nothing is set.
     *
     * @throws StorageException as above
     */
    public PinnedReactors(Environment environment) throws StorageException {
        this(environment, ReactorPlan.standard(environment.processors().available()));
    }

    private PinnedReactors(Environment environment, ReactorPlan plan) throws StorageException {
        this.environment = environment;
        this.plan = plan;
        try {
            startAll();
        } catch (StorageException | RuntimeException e) {
            stopAll();
            throw e;
        }
        all = Collections.unmodifiableList(threads.stream().map(thread -> (Reactor) thread.loop()).toList());
        locks = new ProcessorLocks(environment.processors());
        SwitchMonitor switches =
            new SwitchMonitor(environment.processors(), threads, report -> LOG.log(Level.INFO, "{0}", report));
        scheduler = new SchedulerMethods(threads, locks, switches);
        methods = Stream.of(new ReactorMethods(this, environment, threads).methods(),
                new ThreadMethods(this, environment, threads).methods(), scheduler.methods())
            .flatMap(List::stream).toList();
        watchdog = new Watchdog(threads, report -> LOG.log(Level.WARNING, "{0}", report), new Watcher() {
            @Override
            public void blocked(Reactor reactor) {
                watchers.forEach(watcher -> watcher.blocked(reactor));
            }

            @Override
            public void answers(Reactor reactor) {
                watchers.forEach(watcher -> watcher.answers(reactor));
            }
        }, switches::look);
        environment.threads().start("karst-reactor-watchdog", watchdog);
    }

    @Modified
    void modified(ReactorSettings settings) {
        ReactorPlan changed = ReactorPlan.of(settings, environment.processors().available());
        for (LoopThread thread : threads) {
            thread.loop().spinNanos(changed.spinNanos());
            thread.loop().idlePolicy(changed.policy());
        }
        if (!changed.processors().equals(plan.processors())) {
            LOG.log(Level.WARNING, "processors {0}: takes effect when the reactor bundle is started again",
                changed.processors());
        }
    }

    /** Stops them; returns when none runs any more. */
    @Deactivate
    public void stop() {
        watchdog.stop();
        stopAll();
        locks.giveAll();
    }

    @Override
    public List<Reactor> all() {
        return all;
    }

    @Override
    public Reactor next() {
        Reactor next = inTurn();
        for (int more = all.size() - 1; more > 0 && next.isBlocked(); more--) {
            next = inTurn();
        }
        return next;
    }

    private Reactor inTurn() {
        return all.get(Math.floorMod(turn.getAndIncrement(), all.size()));
    }

    @Override
    public void watch(Watcher watcher) {
        watchers.add(watcher);
    }

    @Override
    public void unwatch(Watcher watcher) {
        watchers.remove(watcher);
    }

    @Override
    public <T> T await(CompletableFuture<T> future, long timeoutMs, String what) throws StorageException {
        ControlWait.refuseOn(all, what);
        return ControlWait.block(future, timeoutMs, what);
    }

    @Override
    public List<RpcMethod> methods() {
        return methods;
    }

    @Override
    public String subsystem() {
        return "scheduler";
    }

    @Override
    public List<String> after() {
        return List.of();
    }

    @Override
    public List<Call> calls() {
        return scheduler.calls();
    }

    private void startAll() throws StorageException {
        for (int processor : plan.processors()) {
            int id = threads.size();
            var loop = new EventLoop(
                id, environment, environment.openEventSet(), failures, plan.policy(), plan.spinNanos());
            var thread = new LoopThread(loop, environment.processors(), environment.clock(), processor);
            threads.add(thread);
            environment.threads().start("karst-reactor-" + id, thread);
        }
        for (LoopThread thread : threads) {
            if (!awaited(thread, true)) {
                throw StorageException.errno(Errno.ETIMEDOUT, "reactor " + thread.loop().id() + " did not start");
            }
        }
    }

    private void stopAll() {
        threads.forEach(thread -> thread.loop().requestStop());
        for (LoopThread thread : threads) {
            if (!awaited(thread, false)) {
                LOG.log(Level.ERROR, "reactor {0} does not stop; its thread is left behind", thread.loop().id());
            }
        }
    }

    private static boolean awaited(LoopThread thread, boolean start) {
        try {
            return start ? thread.awaitStart(START_MS) : thread.awaitEnd(STOP_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
