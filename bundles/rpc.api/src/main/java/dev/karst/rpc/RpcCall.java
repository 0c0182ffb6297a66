package dev.karst.rpc;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;

/**
 * One call of a method: its parameters, checked against the method's description, and where to tell progress. The getters
 * give what a client sent or, if it sent nothing, what the caller of the getter says.
 */
public final class RpcCall {
    private final Map<String, Object> parameters;
    private final IntConsumer progress;
    private final BooleanSupplier cancelled;

    /** A call whose parameters have been checked by {@link RpcChecks}. */
    public RpcCall(Map<String, Object> parameters, IntConsumer progress, BooleanSupplier cancelled) {
        this.parameters = parameters;
        this.progress = progress;
        this.cancelled = cancelled;
    }

    /** Whether the client sent it, and not as null. */
    public boolean has(String name) {
        return parameters.get(name) != null;
    }

    /** A string; null when it was not sent. */
    public String string(String name) {
        return (String) parameters.get(name);
    }

    public String string(String name, String otherwise) {
        return has(name) ? string(name) : otherwise;
    }

    /** A number that must have been sent. */
    public long number(String name) {
        return (Long) parameters.get(name);
    }

    public long number(String name, long otherwise) {
        return has(name) ? number(name) : otherwise;
    }

    public boolean flag(String name, boolean otherwise) {
        return has(name) ? (Boolean) parameters.get(name) : otherwise;
    }

    /** A UUID; null when it was not sent. */
    public UUID uuid(String name) {
        return has(name) ? UUID.fromString(string(name)) : null;
    }

    /** The fields of an object that was sent, as a call of their own; null when it was not. */
    @SuppressWarnings("unchecked")
    public RpcCall object(String name) {
        return has(name) ? new RpcCall((Map<String, Object>) parameters.get(name), progress, cancelled) : null;
    }

    /** A list of strings; empty when it was not sent. */
    @SuppressWarnings("unchecked")
    public List<String> strings(String name) {
        return has(name) ? (List<String>) parameters.get(name) : List.of();
    }

    /** All that was sent, as it was sent. */
    public Map<String, Object> parameters() {
        return parameters;
    }

    /** Tells how far a long method has come. */
    public void progress(int percent) {
        progress.accept(percent);
    }

    /** Whether a long method should end; it then undoes what it began and fails with ECANCELED. */
    public boolean isCancelled() {
        return cancelled.getAsBoolean();
    }
}
