package dev.karst.launcher;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Says for a person what is served, and how a host reaches it. */
final class Serving {
    private Serving() {}

    /**
     * Takes the result of {@code karst_get_startup}; fails with the first call of a configuration file that failed. What a saved
     * state could not bring back is no failure: the rest is served.
     */
    static void checkStartup(Object startup) throws RpcException {
        Map<?, ?> fields = (Map<?, ?>) startup;
        List<Map<?, ?>> failures = objects(fields.get("failed"));
        if (!failures.isEmpty() && !Boolean.TRUE.equals(fields.get("saved"))) {
            Map<?, ?> first = failures.getFirst();
            String more = failures.size() > 1 ? "; " + (failures.size() - 1) + " more failed" : "";
            throw new RpcException(failure(first) + more);
        }
        if (fields.get("message") != null) {
            throw new RpcException(String.valueOf(fields.get("message")));
        }
    }

    /** Takes the same; gives whole lines that say what a saved state could not bring back, and what is wrong with it. */
    static String leftOut(Object startup) {
        Map<?, ?> fields = (Map<?, ?>) startup;
        StringBuilder out = new StringBuilder();
        if (fields.get("notes") instanceof List<?> notes) {
            notes.forEach(note -> out.append("The saved state: ").append(note).append('\n'));
        }
        for (Map<?, ?> failure : objects(fields.get("failed"))) {
            out.append("Left out until the next start: ").append(failure(failure)).append('\n');
        }
        return out.toString();
    }

    /** Most messages name their method. */
    private static String failure(Map<?, ?> call) {
        String method = String.valueOf(call.get("method"));
        String message = String.valueOf(call.get("message"));
        return message.contains(method) ? message : method + ": " + message;
    }

    /** Takes the result of {@code nvmf_get_subsystems}; gives whole lines, an exact command for each way in. */
    static String describe(Object subsystems) {
        StringBuilder out = new StringBuilder();
        for (Map<?, ?> subsystem : objects(subsystems)) {
            if ("NVMe".equals(subsystem.get("subtype"))) {
                describe(out, subsystem);
            }
        }
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

    private static List<Map<?, ?>> objects(Object list) {
        return list instanceof List<?> elements
            ? elements.stream().<Map<?, ?>>map(element -> (Map<?, ?>) element).toList()
            : List.of();
    }
}
