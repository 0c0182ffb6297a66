package dev.karst.rpc.core;

import dev.karst.base.StorageException;
import dev.karst.rpc.RpcError;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * One request, as far as it could be understood. JSON-RPC 2.0, section 4.
 *
 * @param id a string, a number or null
 * @param answered whether the client wants an answer
 * @param method its name
 * @param parameters never null
 * @param refusal why it is not carried out; null when it is
 */
record Request(Object id, boolean answered, String method, Map<String, Object> parameters, StorageException refusal) {
    /** SPDK's figure, in bytes of UTF-8. */
    private static final int MAX_ID_BYTES = 128;

    static Request of(Object document) {
        if (!(document instanceof Map<?, ?> members)) {
            return refused(null, "a request is an object");
        }
        Object id = members.get("id");
        if (!isId(id)) {
            return refused(null, "id must be a string or a number of at most " + MAX_ID_BYTES + " bytes, or null");
        } else if (!"2.0".equals(members.get("jsonrpc"))) {
            return refused(id, "jsonrpc must be \"2.0\"");
        } else if (!(members.get("method") instanceof String method)) {
            return refused(id, "method must be a string");
        } else {
            return withParameters(id, members.containsKey("id"), method, members.get("params"));
        }
    }

    /** SPDK takes null as no parameters. */
    private static Request withParameters(Object id, boolean answered, String method, Object parameters) {
        if (parameters == null) {
            return new Request(id, answered, method, Map.of(), null);
        } else if (parameters instanceof Map<?, ?> object) {
            return new Request(id, answered, method, named(object), null);
        } else {
            StorageException wrong = RpcError.invalidParameters("Invalid parameters: params must be an object");
            return new Request(id, answered, method, Map.of(), wrong);
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> named(Map<?, ?> object) {
        return (Map<String, Object>) object;
    }

    private static Request refused(Object id, String why) {
        StorageException wrong = new StorageException(RpcError.INVALID_REQUEST, "Invalid request: " + why);
        return new Request(id, true, null, Map.of(), wrong);
    }

    private static boolean isId(Object id) {
        return id == null || (id instanceof String || id instanceof Number)
            && id.toString().getBytes(StandardCharsets.UTF_8).length <= MAX_ID_BYTES;
    }
}
