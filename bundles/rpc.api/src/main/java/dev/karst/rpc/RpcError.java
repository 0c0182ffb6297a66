package dev.karst.rpc;

import dev.karst.base.StorageException;

/** Failures that JSON-RPC has codes of its own for. JSON-RPC 2.0, section 5.1. */
public final class RpcError {
    public static final int PARSE_ERROR = -32700;
    public static final int INVALID_REQUEST = -32600;
    public static final int METHOD_NOT_FOUND = -32601;
    public static final int INVALID_PARAMS = -32602;
    public static final int INTERNAL_ERROR = -32603;
    /** The method is not allowed in the present state; SPDK's code. */
    public static final int WRONG_STATE = -1;

    private RpcError() {}

    /** The parameters are wrong; {@code message} says which, what was found and what is expected. */
    public static StorageException invalidParameters(String message) {
        return new StorageException(INVALID_PARAMS, message);
    }

    public static StorageException methodNotFound(String method) {
        return new StorageException(METHOD_NOT_FOUND, "Method not found: " + method);
    }
}
