package dev.karst.config;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.rpc.ConfigSource;
import dev.karst.rpc.ConfigSource.Call;
import dev.karst.rpc.RpcRegistry;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Makes the calls of a configuration one by one, each when its method is there; one that answers EAGAIN is made again. One that fails is
 * made once more when the layers have done what the calls before it began, as it may need what no call makes.
 * Layers may come in any order and after this; so an absent method is waited for as long as bundles are being started. There
 * is a limit to that, one for the whole file, lest each absent layer cost it again.
 */
final class StartupPlayer {
    private static final System.Logger LOG = System.getLogger(StartupPlayer.class.getName());
    /** Parameters that name what a call is about, the most telling first. */
    private static final List<String> NAMES =
        List.of("name", "nqn", "lvol_name", "lvs_name", "ctrlr", "bdev_name", "trtype", "uuid");

    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final RpcRegistry registry;
    private final StartupState state;
    private final BooleanSupplier starting;
    private final Runnable whenMade;
    private final Predicate<Call> isThere;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private long waitNanos;
    private boolean stopped;
    /** Whether one that fails may need what a bundle finds that is still to be started. */
    private boolean awaitsBundles;
    /** Whether a layer was waited for in vain; none is again. */
    private boolean unsettled;

    /**
     * @param waitNanos how long absent methods, and those that answer EAGAIN, are waited for in all
     * @param starting whether more methods are to be expected; once it says no, it says no for good
     * @param whenMade hears of each call that succeeded
     * @param isThere whether somebody else has made what a call that failed makes
     */
    StartupPlayer(RpcRegistry registry, StartupState state, long waitNanos, BooleanSupplier starting, Runnable whenMade,
        Predicate<Call> isThere) {
        this.registry = registry;
        this.state = state;
        this.waitNanos = waitNanos;
        this.starting = starting;
        this.whenMade = whenMade;
        this.isThere = isThere;
    }

    /** Before a call that failed is made once more, all bundles are started. */
    StartupPlayer awaitingBundles() {
        awaitsBundles = true;
        return this;
    }

    /** Makes the calls; returns false when it was stopped before the end. */
    boolean play(List<Call> calls) {
        RpcRegistry.Watch watch = registry.watch(this::wake);
        try {
            for (Call call : calls) {
                if (!awaitMethod(call.method())) {
                    return false;
                }
                play(call);
            }
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            watch.close();
        }
    }

    /** Ends the play before its next call. */
    void stop() {
        lock.lock();
        try {
            stopped = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void wake() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for the method until it cannot come any more or the time is used up; false when stopped. */
    private boolean awaitMethod(String method) throws InterruptedException {
        while (mayCome(method)) {
            awaitMore();
        }
        lock.lock();
        try {
            return !stopped;
        } finally {
            lock.unlock();
        }
    }

    /** Whether the method is absent and worth waiting for: one that came with the last bundle is seen. */
    private boolean mayCome(String method) {
        boolean more = mayWait() && starting.getAsBoolean();
        return registry.method(method).isEmpty() && more;
    }

    private void play(Call call) throws InterruptedException {
        try {
            make(call);
            state.succeeded();
            whenMade.run();
        } catch (StorageException e) {
            failed(call, e);
        }
    }

    private void make(Call call) throws StorageException, InterruptedException {
        try {
            await(call);
        } catch (StorageException e) {
            if (registry.method(call.method()).isEmpty() || isThere.test(call) || !settle()) {
                throw e;
            }
            await(call);
        }
    }

    private void await(Call call) throws StorageException, InterruptedException {
        while (!tryOnce(call)) {
            awaitMore();
        }
    }

    /** Waits for the layers; false when that is of no use. */
    private boolean settle() throws InterruptedException {
        while (awaitsBundles && mayWait() && starting.getAsBoolean()) {
            awaitMore();
        }
        try {
            for (ConfigSource layer : unsettled ? List.<ConfigSource>of() : registry.configSources()) {
                layer.settle();
            }
        } catch (StorageException e) {
            unsettled = true;
            LOG.log(System.Logger.Level.WARNING, "configuration: " + e.getMessage());
        }
        return !unsettled;
    }

    private void failed(Call call, StorageException e) {
        if (isThere.test(call)) {
            state.succeeded();
        } else {
            state.failed(call, e);
            String what = call.method() + object(call.parameters());
            LOG.log(System.Logger.Level.WARNING, "configuration: " + what + ": " + e.getMessage());
        }
    }

    /** Makes the call; false when what it needs is not there yet and there is time left. */
    private boolean tryOnce(Call call) throws StorageException {
        try {
            registry.replay(call.method(), call.parameters());
            return true;
        } catch (StorageException e) {
            if (e.code() != -Errno.EAGAIN || !mayWait()) {
                throw e;
            }
            return false;
        }
    }

    private boolean mayWait() {
        lock.lock();
        try {
            return !stopped && waitNanos > 0;
        } finally {
            lock.unlock();
        }
    }

    /** Waits for a change of the methods or a moment: a layer may become ready without one. */
    private void awaitMore() throws InterruptedException {
        lock.lock();
        try {
            long moment = Math.min(waitNanos, RETRY_NANOS);
            waitNanos -= moment - Math.max(0, changed.awaitNanos(moment));
        } finally {
            lock.unlock();
        }
    }

    private static String object(Map<String, Object> parameters) {
        Stream<Object> named = NAMES.stream().map(parameters::get).filter(Objects::nonNull);
        return named.findFirst().map(name -> " " + name).orElse("");
    }
}
