package dev.karst.rpc.core;

import dev.karst.base.StorageException;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcSecrets;
import dev.karst.rpc.RpcUser;
import dev.karst.rpc.json.Json;
import java.util.Locale;
import java.util.Map;

/** Says who changed what: a line in the log for each call of a method that does more than look. Any thread. */
final class Audit {
    /** A logger of its own, so that it can go to a file of its own. */
    private static final System.Logger LOG = System.getLogger("dev.karst.rpc.audit");
    private static final int MAX_CHARACTERS = 1000;

    private Audit() {}

    /** A call that is told. */
    @FunctionalInterface
    interface Call {
        Object make() throws StorageException;
    }

    /** Whether calls of the method are told. */
    static boolean covers(RpcMethod method) {
        return method.role() != RpcMethod.Role.VIEWER;
    }

    /** Makes a call and tells it and how it ended. */
    static Object told(RpcUser user, RpcMethod method, Map<String, Object> parameters, Call call) throws StorageException {
        try {
            Object result = call.make();
            LOG.log(System.Logger.Level.INFO, line(user, method, parameters, "done"));
            return result;
        } catch (StorageException e) {
            LOG.log(System.Logger.Level.INFO,
                line(user, method, parameters, "failed with " + e.code() + ", " + e.getMessage()));
            throw e;
        }
    }

    static String line(RpcUser user, RpcMethod method, Map<String, Object> parameters, String outcome) {
        String role = user.role().name().toLowerCase(Locale.ROOT);
        String shown = cut(Json.text(RpcSecrets.masked(method.parameters(), parameters)));
        return "audit: " + user.name() + " (" + role + ", " + user.way() + ") " + method.name() + " " + shown + ": "
            + cut(outcome).replaceAll("\\p{Cntrl}", "?");
    }

    private static String cut(String text) {
        return text.length() <= MAX_CHARACTERS ? text : text.substring(0, MAX_CHARACTERS) + "...";
    }
}
