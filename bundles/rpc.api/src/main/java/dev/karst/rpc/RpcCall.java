package dev.karst.rpc;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
    private final Map<String, Object> settled = new HashMap<>();
    private final Map<String, RpcCall> objects = new HashMap<>();

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

    /** The fields of an object that was sent, as a call of their own, the same each time; null when it was not. */
    @SuppressWarnings("unchecked")
    public RpcCall object(String name) {
        return has(name) ? objects.computeIfAbsent(name,
            key -> new RpcCall((Map<String, Object>) parameters.get(key), progress, cancelled)) : null;
    }

    /** A list of strings; empty when it was not sent. */
    @SuppressWarnings("unchecked")
    public List<String> strings(String name) {
        return has(name) ? (List<String>) parameters.get(name) : List.of();
    }

    /** A list of numbers; empty when it was not sent. */
    @SuppressWarnings("unchecked")
    public List<Long> numbers(String name) {
        return has(name) ? (List<Long>) parameters.get(name) : List.of();
    }

    /** All that was sent, as it was sent. */
    public Map<String, Object> parameters() {
        return parameters;
    }

    /**
     * Tells what the handler chose where the client left it to it, such as a name, so that the call made again makes the same
     * thing.
     *
     * @param value null for a parameter that counts only the first time and is left out of the call made again
     */
    public void settle(String name, Object value) {
        settled.put(name, value);
    }

    /** The parameters that make the same thing again: those that were sent, with what was settled, without nulls. */
    public Map<String, Object> repeatable() {
        Map<String, Object> again = new LinkedHashMap<>(parameters);
        objects.forEach((name, object) -> again.put(name, object.repeatable()));
        again.putAll(settled);
        again.values().removeIf(Objects::isNull);
        return again;
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
