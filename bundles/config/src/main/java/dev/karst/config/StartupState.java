package dev.karst.config;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.config.state.KeptState;
import dev.karst.rpc.ConfigSource.Call;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcError;
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
    private final List<String> notes = new ArrayList<>();
    private int calls;
    private String error;
    private String source;
    private boolean saved;
    private volatile KeptState kept;

    /** A call that failed. */
    record Failure(Call call, StorageException reason) {
        /** Whether no bundle has the method: nothing is wrong, something is not there. */
        boolean isAbsent() {
            return reason.code() == RpcError.METHOD_NOT_FOUND;
        }
    }

    @Override
    public List<RpcMethod> methods() {
        String doc = "Tells how far the startup configuration has been played";
        RpcParameter wait = RpcParameter.optional("wait", RpcParameter.Type.BOOLEAN, "Wait until it has been played");
        String forgetDoc = "Forgets the calls of the saved state that could not be made at the start, which each start tries again";
        return List.of(
            RpcMethod.named("karst_get_startup", "karst", "startup", doc)
                .takes(wait.initially("false"))
                .readOnly()
                .runsLong()
                .does(this::get),
            RpcMethod.named("karst_forget_left_out", "karst", "forget-left-out", forgetDoc)
                .saved()
                .does(call -> forgetLeftOut()));
    }

    /** A call that is played finds nobody who keeps anything yet. */
    private Object forgetLeftOut() throws StorageException {
        KeptState now = kept;
        if (now != null) {
            now.forgetLeftOut();
        }
        return true;
    }

    /** Where the calls come from, and whether that is the saved state. */
    synchronized void from(String file, boolean isSaved) {
        source = file;
        saved = isSaved;
    }

    /** Something that people should know of the saved state. */
    synchronized void note(String text) {
        notes.add(text);
    }

    /** Who keeps the state from now on. */
    void keptBy(KeptState keeper) {
        kept = keeper;
    }

    synchronized void succeeded() {
        calls++;
    }

    synchronized void failed(Call call, StorageException reason) {
        calls++;
        failures.add(new Failure(call, reason));
    }

    /** The calls that failed, in their order. */
    synchronized List<Call> leftOut() {
        return failures.stream().map(Failure::call).toList();
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
        if (source != null) {
            result.put("source", source);
            result.put("saved", saved);
        }
        if (!notes.isEmpty()) {
            result.put("notes", List.copyOf(notes));
        }
        if (error != null) {
            result.put("message", error);
        }
        return result;
    }

    private String state() {
        if (!ended.isDone()) {
            return "starting";
        }
        return error == null && failures.stream().allMatch(Failure::isAbsent) ? "ready" : "failed";
    }

    private static Map<String, Object> plain(Failure failure) {
        SequencedMap<String, Object> result = new LinkedHashMap<>();
        result.put("method", failure.call().method());
        result.put("code", (long) failure.reason().code());
        result.put("message", failure.reason().getMessage());
        return result;
    }
}
