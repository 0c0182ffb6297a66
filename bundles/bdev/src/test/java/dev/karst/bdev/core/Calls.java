package dev.karst.bdev.core;

import dev.karst.base.StorageException;
import dev.karst.rpc.RpcChecks;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcMethods;
import java.util.LinkedHashMap;
import java.util.Map;

/** Calls methods as a client would. */
final class Calls {
    private Calls() {}

    static Object call(RpcMethods front, String method, Object... namesAndValues) throws StorageException {
        Map<String, Object> parameters = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            parameters.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        RpcMethod found = front.methods().stream().filter(m -> m.name().equals(method)).findFirst().orElseThrow();
        return found.handler().call(RpcChecks.check(found, parameters));
    }
}
