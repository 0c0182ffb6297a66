package dev.karst.rpc.http;

import dev.karst.rpc.RpcChecks;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcMethods;
import java.util.Map;

/** Calls methods without a registry. */
final class RpcCalls {
    private RpcCalls() {}

    static Object call(RpcMethods layer, String name, Map<String, Object> parameters) throws Exception {
        RpcMethod method = layer.methods().stream().filter(each -> each.name().equals(name)).findFirst().orElseThrow();
        return method.handler().call(RpcChecks.check(method, parameters));
    }

    static void set(RpcMethods users, String name, String role, String password) throws Exception {
        call(users, "karst_rpc_set_user", Map.of("name", name, "role", role, "password", password));
    }
}
