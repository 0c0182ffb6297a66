package dev.karst.rpc.core;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcRegistry;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Lets callers wait for the startup configuration. Who plays it may come to the registry after the first client; so
 * for the first seconds its absence means that it is still to come, later that there is none.
 */
final class StartupGate {
    private static final String METHOD = "karst_get_startup";
    private static final long ABSENT_AFTER_S = 20;
    private static final long CANCEL_CHECK_MS = 200;

    private final RpcRegistry registry;
    private final HeldStart start;
    private final CompletableFuture<Void> known;

    StartupGate(RpcRegistry registry, HeldStart start) {
        this.registry = registry;
        this.start = start;
        this.known = new CompletableFuture<Void>().completeOnTimeout(null, ABSENT_AFTER_S, TimeUnit.SECONDS);
        RpcRegistry.Watch watch = registry.watch(this::look);
        known.thenRun(watch::close);
    }

    private void look() {
        if (registry.method(METHOD).isPresent()) {
            known.complete(null);
        }
    }

    /** Waits until there is nothing to wait for. */
    Object await(RpcCall call) throws StorageException {
        boolean waiting = true;
        while (waiting && !call.isCancelled()) {
            waiting = !start.goesOnWithin(CANCEL_CHECK_MS) || !isKnown();
        }
        return registry.method(METHOD).isEmpty() || registry.call(METHOD, Map.of("wait", true)) != null;
    }

    private boolean isKnown() throws StorageException {
        try {
            known.get(CANCEL_CHECK_MS, TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (InterruptedException | ExecutionException e) {
            throw new StorageException(-Errno.EINTR, "framework_wait_init was interrupted");
        }
    }
}
