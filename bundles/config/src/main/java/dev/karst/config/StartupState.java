package dev.karst.config;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcMethods;
import dev.karst.rpc.RpcParameter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.osgi.service.component.annotations.Component;

/**
 * How far the startup has come, and the method that tells it. A component of its own: the player needs the registry,
 * and a component that needs the registry and offers it a method at once would be a circle.
 */
@Component(immediate = true, service = {RpcMethods.class, StartupState.class})
public final class StartupState implements RpcMethods {
    private static final long CANCEL_CHECK_MS = 100;

    private final List<Failure> failures = new ArrayList<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private int calls;
    private String error;

    /** A call that failed. */
    record Failure(String method, String message) {}

    @Override
    public List<RpcMethod> methods() {
        String doc = "Tells how far the startup configuration has been played";
        RpcParameter wait = RpcParameter.optional("wait", RpcParameter.Type.BOOLEAN, "Wait until it has been played");
        return List.of(RpcMethod.named("karst_get_startup", "karst", "startup", doc)
            .takes(wait.initially("false"))
            .readOnly()
            .runsLong()
            .does(this::get));
    }

    synchronized void succeeded() {
        calls++;
    }

    synchronized void failed(String method, String message) {
        calls++;
        failures.add(new Failure(method, message));
    }

    /** Nothing more comes; {@code reason} says why nothing could be played, or is null. */
    void end(String reason) {
        synchronized (this) {
            error = reason;
        }
        ended.complete(null);
    }

    synchronized int calls() {
        return calls;
    }

    synchronized int failedCalls() {
        return failures.size();
    }

    private Object get(RpcCall call) throws StorageException {
        boolean waiting = call.flag("wait", false);
        while (waiting && !call.isCancelled()) {
            waiting = !hasEnded();
        }
        return describe();
    }

    private boolean hasEnded() throws StorageException {
        try {
            ended.get(CANCEL_CHECK_MS, TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (InterruptedException | ExecutionException e) {
            throw StorageException.errno(Errno.EINTR, "the wait for the startup was interrupted");
        }
    }

    private synchronized Map<String, Object> describe() {
        SequencedMap<String, Object> result = new LinkedHashMap<>();
        result.put("state", state());
        result.put("calls", (long) calls);
        result.put("failed", failures.stream().map(StartupState::plain).toList());
        if (error != null) {
            result.put("message", error);
        }
        return result;
    }

    private String state() {
        if (!ended.isDone()) {
            return "starting";
        }
        return error == null && failures.isEmpty() ? "ready" : "failed";
    }

    private static Map<String, Object> plain(Failure failure) {
        SequencedMap<String, Object> result = new LinkedHashMap<>();
        result.put("method", failure.method());
        result.put("message", failure.message());
        return result;
    }
}
