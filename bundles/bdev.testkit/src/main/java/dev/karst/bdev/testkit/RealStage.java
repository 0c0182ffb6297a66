package dev.karst.bdev.testkit;

import dev.karst.base.StorageException;
import dev.karst.env.linux.LinuxEnvironment;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.core.PinnedReactors;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** A {@link BdevStage} on the machine itself: real memory, files and threads. Closed by the test's thread. */
public final class RealStage implements AutoCloseable {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final LinuxEnvironment environment = new LinuxEnvironment();
    private final PinnedReactors reactors;
    private final BdevStage stage;

    /** Reactors on as many processors as is usual. */
    public RealStage() throws StorageException {
        reactors = new PinnedReactors(environment);
        stage = new BdevStage(environment, reactors, this::await);
    }

    public BdevStage stage() {
        return stage;
    }

    public Reactor reactor() {
        return reactors.all().getFirst();
    }

    /** Asks again whenever the reactors have gone round. */
    private void await(BooleanSupplier condition) {
        long deadline = environment.clock().nanos() + PATIENCE_NANOS;
        while (!condition.getAsBoolean()) {
            if (environment.clock().nanos() > deadline) {
                throw new AssertionError("not reached in a minute");
            }
            goRound();
        }
    }

    private void goRound() {
        try {
            reactors.forEach(reactor -> { });
        } catch (StorageException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        stage.layer().close();
        reactors.stop();
        environment.close();
    }
}
