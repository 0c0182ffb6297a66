package dev.karst.rpc.core;

import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.json.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Says who changed what: a line in the log for each call of a method that does more than look. Any thread. */
final class Audit {
    /** A logger of its own, so that it can go to a file of its own. */
    private static final System.Logger LOG = System.getLogger("dev.karst.rpc.audit");
    private static final int MAX_CHARACTERS = 1000;
    private static final String MASKED = "***";

    private Audit() {}

    /** Whether calls of the method are told. */
    static boolean covers(RpcMethod method) {
        return method.role() != RpcMethod.Role.VIEWER;
    }

    /** Tells one call and how it ended. */
    static void tell(Caller caller, RpcMethod method, Map<String, Object> parameters, String outcome) {
        LOG.log(System.Logger.Level.INFO, line(caller, method, parameters, outcome));
    }

    static String line(Caller caller, RpcMethod method, Map<String, Object> parameters, String outcome) {
        String role = caller.role().name().toLowerCase(Locale.ROOT);
        String shown = cut(Json.text(masked(method.parameters(), parameters)));
        return "audit: " + caller.name() + " (" + role + ", " + caller.transport() + ") " + method.name() + " " + shown + ": "
            + cut(outcome).replaceAll("\\p{Cntrl}", "?");
    }

    private static String cut(String text) {
        return text.length() <= MAX_CHARACTERS ? text : text.substring(0, MAX_CHARACTERS) + "...";
    }

    /** What is not known is masked too: it may be a secret under a name that was mistyped. */
    private static Map<String, Object> masked(List<RpcParameter> known, Map<?, ?> sent) {
        Map<String, Object> shown = new LinkedHashMap<>();
        sent.forEach((name, value) -> {
            Optional<RpcParameter> parameter = known.stream().filter(each -> each.name().equals(name)).findFirst();
            shown.put((String) name, parameter.map(each -> masked(each, value)).orElse(MASKED));
        });
        return shown;
    }

    private static Object masked(RpcParameter parameter, Object value) {
        if (value == null || parameter.secret()) {
            return MASKED;
        } else if (value instanceof Map<?, ?> object) {
            return masked(parameter.fields(), object);
        } else if (value instanceof List<?> list) {
            return list.stream().map(element -> masked(parameter, element)).toList();
        } else {
            return value;
        }
    }
}
