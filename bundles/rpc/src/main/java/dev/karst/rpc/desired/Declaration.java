package dev.karst.rpc.desired;

import dev.karst.base.StorageException;
import dev.karst.rpc.ConfigSource;
import dev.karst.rpc.ConfigSource.Call;
import dev.karst.rpc.RpcChecks;
import dev.karst.rpc.RpcError;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcRegistry;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A declared state: a document in the form of {@code save_config}, each call of which could be made. Subsystems that no
 * layer has here, as SPDK's files hold them, are passed over; so are those whose calls are null.
 */
final class Declaration {
    private final RpcRegistry registry;
    private final State state;
    private final Set<String> subsystems = new LinkedHashSet<>();

    private Declaration(RpcRegistry registry) {
        this.registry = registry;
        this.state = new State(registry);
    }

    /**
     * Reads a document.
     *
     * @throws StorageException {@link RpcError#INVALID_PARAMS}, saying where and what
     */
    static Declaration of(RpcRegistry registry, Map<String, Object> document) throws StorageException {
        Declaration declaration = new Declaration(registry);
        Set<String> known = registry.configSources().stream().map(ConfigSource::subsystem).collect(Collectors.toSet());
        int index = 0;
        for (Object element : list(document.get("subsystems"), "subsystems")) {
            String where = "subsystems[" + index++ + "]";
            Map<String, Object> subsystem = object(element, where);
            if (!(subsystem.get("subsystem") instanceof String name)) {
                throw wrong(where + ".subsystem is not a string");
            }
            if (known.contains(name) && subsystem.get("config") != null) {
                declaration.subsystems.add(name);
                declaration.addCalls(name, subsystem.get("config"), where + ".config");
            }
        }
        declaration.state.forgetResting();
        return declaration;
    }

    /** What shall be there. */
    State state() {
        return state;
    }

    /** The subsystems that it speaks of. */
    Set<String> subsystems() {
        return subsystems;
    }

    private void addCalls(String subsystem, Object calls, String where) throws StorageException {
        int index = 0;
        for (Object element : list(calls, where)) {
            String here = where + "[" + index++ + "]";
            if (element instanceof List<?> batch) {
                addCalls(subsystem, batch, here);
            } else {
                add(subsystem, object(element, here), here);
            }
        }
    }

    private void add(String subsystem, Map<String, Object> entry, String where) throws StorageException {
        if (!(entry.get("method") instanceof String name)) {
            throw wrong(where + ".method is not a string");
        }
        Map<String, Object> parameters = entry.get("params") == null ? Map.of() : object(entry.get("params"), where + ".params");
        RpcMethod method = registry.method(name).orElseThrow(() -> wrong(where + ": there is no method " + name));
        try {
            state.add(subsystem, new Call(name, RpcChecks.check(method, parameters).parameters()));
        } catch (StorageException e) {
            throw new StorageException(e.code(), where + ": " + e.getMessage(), e);
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> object(Object value, String where) throws StorageException {
        if (value instanceof Map<?, ?> object) {
            return (Map<String, Object>) object;
        }
        throw wrong(where + " is not an object");
    }

    private static List<?> list(Object value, String where) throws StorageException {
        if (value instanceof List<?> list) {
            return list;
        }
        throw wrong(where + " is not an array");
    }

    private static StorageException wrong(String what) {
        return RpcError.invalidParameters("Invalid parameters: state: " + what);
    }
}
