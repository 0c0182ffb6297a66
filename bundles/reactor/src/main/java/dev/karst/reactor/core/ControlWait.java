package dev.karst.reactor.core;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.reactor.Reactor;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** How the control plane waits for reactors: what a future's failures become, and who may wait at all. */
public final class ControlWait {
    private ControlWait() {}

    /** Refuses if the caller runs on one of them. */
    public static void refuseOn(List<? extends Reactor> reactors, String what) {
        for (Reactor reactor : reactors) {
            if (reactor.isCurrent()) {
                throw new IllegalStateException("reactor " + reactor.id() + " must not wait for " + what);
            }
        }
    }

    /** Blocks the calling thread until the future is done. */
    static <T> T block(CompletableFuture<T> future, long timeoutMs, String what) throws StorageException {
        try {
            return future.get(timeoutMs, TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw failure(e.getCause(), what);
        } catch (CancellationException e) {
            throw failure(e, what);
        } catch (TimeoutException e) {
            throw timeout(timeoutMs, what);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StorageException(-Errno.EINTR, "interrupted while waiting for " + what, e);
        }
    }

    /** What a future that is done holds. */
    public static <T> T result(CompletableFuture<T> future, String what) throws StorageException {
        try {
            return future.join();
        } catch (CompletionException e) {
            throw failure(e.getCause(), what);
        } catch (CancellationException e) {
            throw failure(e, what);
        }
    }

    /** The failure of a wait that took too long. */
    public static StorageException timeout(long timeoutMs, String what) {
        return StorageException.errno(Errno.ETIMEDOUT, "no answer within " + timeoutMs + " ms: " + what);
    }

    private static StorageException failure(Throwable cause, String what) {
        return cause instanceof StorageException known
            ? known
            : new StorageException(-Errno.EIO, what + " failed: " + cause, cause);
    }
}
