package dev.karst.rpc.core;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.rpc.RpcError;
import dev.karst.rpc.RpcMethod;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A start that waits for {@code framework_start_init}, as SPDK's applications do with {@code --wait-for-rpc}: until then
 * settings are made at once and not journalled, and nothing else that lasts may be made. Any control thread.
 */
final class HeldStart {
    /** Says that the start of this process waits; gone once it has begun, so that a replaced bundle does not wait again. */
    private static final String PROPERTY = "karst.wait.for.rpc";
    /** SPDK's words. */
    private static final String TOO_EARLY =
        "Method may only be called after framework is initialized using framework_start_init RPC.";

    private final CompletableFuture<Void> begun = new CompletableFuture<>();

    HeldStart(boolean held) {
        if (!held) {
            begun.complete(null);
        }
    }

    /** As the process was started. */
    static HeldStart ofProcess() {
        return new HeldStart(Boolean.getBoolean(PROPERTY));
    }

    boolean isHeld() {
        return !begun.isDone();
    }

    /** Lets the start go on; false when it already did. */
    boolean begin() {
        System.clearProperty(PROPERTY);
        return begun.complete(null);
    }

    /** Whether a method may be called now. */
    boolean admits(RpcMethod method) {
        return !isHeld() || !method.saved() || isSetting(method);
    }

    private static boolean isSetting(RpcMethod method) {
        return method.effect() != null && method.name().equals(method.effect().undo());
    }

    /** @throws StorageException {@link RpcError#WRONG_STATE} for a method that may not be called yet */
    void check(RpcMethod method) throws StorageException {
        if (!admits(method)) {
            throw new StorageException(RpcError.WRONG_STATE, TOO_EARLY);
        }
    }

    /** Waits until the start goes on. */
    void await() throws StorageException {
        try {
            begun.get();
        } catch (InterruptedException | ExecutionException e) {
            throw interrupted();
        }
    }

    /** Waits until the start goes on, but not longer than this; whether it does. */
    boolean goesOnWithin(long waitMs) throws StorageException {
        try {
            begun.get(waitMs, TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (InterruptedException | ExecutionException e) {
            throw interrupted();
        }
    }

    private static StorageException interrupted() {
        return StorageException.errno(Errno.EINTR, "the wait for framework_start_init was interrupted");
    }
}
