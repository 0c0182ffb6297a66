package dev.karst.launcher;

import java.math.BigDecimal;
import java.util.Map;

/** Says for a person why a call was refused: what was called, about which thing, and what to do. */
final class Refusal {
    private static final BigDecimal NO_METHOD = BigDecimal.valueOf(-32601);
    private static final BigDecimal NO_DEVICE = BigDecimal.valueOf(-19);

    private Refusal() {}

    /** Most messages name their method. */
    static String describe(String method, Map<String, Object> parameters, Map<?, ?> error) {
        String message = String.valueOf(error.get("message"));
        String what = message.contains(method) ? message : method + thing(parameters) + ": " + message;
        return what + remedy(method, error.get("code")) + " (code " + error.get("code") + ")";
    }

    private static String thing(Map<String, Object> parameters) {
        Object name = parameters.getOrDefault("name", parameters.get("nqn"));
        return name == null ? "" : " " + name;
    }

    private static String remedy(String method, Object code) {
        if (NO_METHOD.equals(code)) {
            return "; rpc_get_methods lists those that there are";
        }
        return NO_DEVICE.equals(code) && "bdev_get_bdevs".equals(method) ? "; without a name it lists all" : "";
    }
}
