package dev.karst.rpc;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Hides what must not be shown or logged. */
public final class RpcSecrets {
    private static final String MASKED = "***";

    private RpcSecrets() {}

    /**
     * A copy of a call's parameters with {@code ***} for each secret, and for what is not known: that may be a secret under a
     * name that was mistyped.
     *
     * @param known the parameters of the method
     */
    public static Map<String, Object> masked(List<RpcParameter> known, Map<?, ?> sent) {
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
