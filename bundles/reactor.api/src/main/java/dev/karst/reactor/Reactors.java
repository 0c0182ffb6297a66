package dev.karst.reactor;

import dev.karst.base.StorageException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;

/** The reactors of the process, a service. */
public interface Reactors {
    /** All, in order of their numbers; the list never changes while the service lives. */
    List<Reactor> all();

    /** The next one in turn, for something new to belong to; none that is blocked, unless all are. Any thread. */
    Reactor next();

    /** Who is told of reactors that stop answering, on a control thread that all share: it must not wait. */
    interface Watcher {
        /** It has not answered for a second: something blocks its thread. */
        void blocked(Reactor reactor);

        /** It answers again. */
        void answers(Reactor reactor);
    }

    /** Tells the watcher from now on. Simulated reactors never block. */
    default void watch(Watcher watcher) {}

    /** Tells it no more. */
    default void unwatch(Watcher watcher) {}

    /**
     * Waits for the future on a control thread; the simulator steps the reactors meanwhile. The one way for the control
     * plane to wait for a reactor.
     *
     * @return what the future holds
     * @throws StorageException what the future failed with, or ETIMEDOUT saying {@code what} was waited for
     * @throws IllegalStateException on a reactor's own thread, which must not wait
     */
    <T> T await(CompletableFuture<T> future, long timeoutMs, String what) throws StorageException;

    /** Runs {@code call} on the reactor and gives its result; control threads. Same errors as {@link #await}. */
    default <T> T call(Reactor reactor, Function<Reactor, T> call) throws StorageException {
        var future = new CompletableFuture<T>();
        reactor.execute(() -> {
            try {
                future.complete(call.apply(reactor));
            } catch (RuntimeException e) {
                future.completeExceptionally(e);
            }
        });
        return await(future, DEFAULT_WAIT_MS, "reactor " + reactor.id());
    }

    /** Runs {@code call} on each reactor, one after the other, and returns when all have run it; control threads. */
    default void forEach(Consumer<Reactor> call) throws StorageException {
        for (Reactor reactor : all()) {
            call(reactor, r -> {
                call.accept(r);
                return null;
            });
        }
    }

    /** How long {@link #call} waits. */
    long DEFAULT_WAIT_MS = 10_000;
}
