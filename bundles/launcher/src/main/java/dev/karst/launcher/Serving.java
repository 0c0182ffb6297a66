package dev.karst.launcher;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Collectors;

/** Says for a person what is served, and how a host reaches it. */
final class Serving {
    /** JSON-RPC 2.0, section 5.1. */
    private static final int METHOD_NOT_FOUND = -32601;

    private Serving() {}

    /**
     * Takes the result of {@code karst_get_startup}; fails when the configuration could not be read, and with the first call of a file
     * that failed when hosts can reach nothing for it. Whatever else is missing is no failure: the rest is served. Nor is a method that
     * no bundle has.
     *
     * @param served whether hosts can reach anything
     */
    static void checkStartup(Object startup, boolean served) throws RpcException {
        Map<?, ?> fields = (Map<?, ?>) startup;
        List<Map<?, ?>> failures = objects(fields.get("failed")).stream().filter(call -> !isAbsent(call)).toList();
        if (!failures.isEmpty() && !served && !Boolean.TRUE.equals(fields.get("saved"))) {
            String more = failures.size() > 1 ? "; " + (failures.size() - 1) + " more failed" : "";
            throw new RpcException(failure(failures.getFirst()) + more);
        }
        if (fields.get("message") != null) {
            throw new RpcException(String.valueOf(fields.get("message")));
        }
    }

    /** Whether no bundle has the method that was called. */
    private static boolean isAbsent(Map<?, ?> call) {
        return call.get("code") instanceof Number code && code.intValue() == METHOD_NOT_FOUND;
    }

    /** Whether a host reaches anything of the result of {@code nvmf_get_subsystems}. */
    static boolean isReachable(Object subsystems) {
        return objects(subsystems).stream().anyMatch(Serving::hasWayIn);
    }

    private static boolean hasWayIn(Map<?, ?> subsystem) {
        return !objects(subsystem.get("namespaces")).isEmpty() && !objects(subsystem.get("listen_addresses")).isEmpty();
    }

    /** Takes the first of these; gives whole lines that say what was left out, and what is wrong with a saved state. */
    static String leftOut(Object startup) {
        Map<?, ?> fields = (Map<?, ?>) startup;
        StringBuilder out = new StringBuilder();
        if (fields.get("notes") instanceof List<?> notes) {
            notes.forEach(note -> out.append("The saved state: ").append(note).append('\n'));
        }
        List<Map<?, ?>> failures = objects(fields.get("failed"));
        failures.stream().filter(call -> !isAbsent(call)).forEach(call ->
            out.append("Left out until the next start: ").append(failure(call)).append('\n'));
        SequencedMap<String, Integer> absent = new LinkedHashMap<>();
        failures.stream().filter(Serving::isAbsent).forEach(call -> absent.merge((String) call.get("method"), 1, Integer::sum));
        if (!absent.isEmpty()) {
            out.append("Left out, as nothing here has these methods: ")
                .append(absent.entrySet().stream().map(Serving::counted).collect(Collectors.joining(", "))).append('\n');
        }
        return out.toString();
    }

    private static String counted(Map.Entry<String, Integer> method) {
        return method.getValue() == 1 ? method.getKey() : method.getKey() + " (" + method.getValue() + " calls)";
    }

    /** Most messages name their method. */
    private static String failure(Map<?, ?> call) {
        String method = String.valueOf(call.get("method"));
        String message = String.valueOf(call.get("message"));
        return message.contains(method) ? message : method + ": " + message;
    }

    /** Takes the result of {@code nvmf_get_subsystems}, and lines about what else is served; gives whole lines, an exact command for each way in. */
    static String describe(Object subsystems, String others) {
        StringBuilder out = new StringBuilder();
        for (Map<?, ?> subsystem : objects(subsystems)) {
            if ("NVMe".equals(subsystem.get("subtype"))) {
                describe(out, subsystem);
            }
        }
        out.append(others);
        return out.isEmpty() ? "Nothing is served yet; see karst rpc nvmf_create_subsystem\n" : out.toString();
    }

    private static void describe(StringBuilder out, Map<?, ?> subsystem) {
        String bdevs = objects(subsystem.get("namespaces")).stream()
            .map(namespace -> String.valueOf(namespace.get("bdev_name")))
            .collect(Collectors.joining(", "));
        out.append(subsystem.get("nqn")).append(bdevs.isEmpty() ? " without a namespace" : " with " + bdevs).append('\n');
        for (Map<?, ?> address : objects(subsystem.get("listen_addresses"))) {
            out.append("  nvme connect -t %s -a %s -s %s -n %s%n".formatted(
                String.valueOf(address.get("trtype")).toLowerCase(Locale.ROOT),
                address.get("traddr"), address.get("trsvcid"), subsystem.get("nqn")));
        }
    }

    static List<Map<?, ?>> objects(Object list) {
        return list instanceof List<?> elements
            ? elements.stream().<Map<?, ?>>map(element -> (Map<?, ?>) element).toList()
            : List.of();
    }
}
