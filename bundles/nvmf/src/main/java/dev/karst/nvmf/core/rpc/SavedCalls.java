package dev.karst.nvmf.core.rpc;

import dev.karst.nvmf.ListenAddress;
import dev.karst.nvmf.core.NvmfTarget;
import dev.karst.nvmf.core.Transports;
import dev.karst.nvmf.core.model.Namespace;
import dev.karst.nvmf.core.model.Subsystem;
import dev.karst.rpc.ConfigSource.Call;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The target as the calls that bring it back. */
final class SavedCalls {
    private SavedCalls() {}

    /** The calls that bring all of the target back. */
    static List<Call> calls(NvmfTarget target) {
        var calls = new ArrayList<Call>();
        for (Transports.Slot slot : target.transports()) {
            var options = NvmfJson.transport(slot.type, slot.options);
            options.put("karst_max_connections", (long) slot.options.maxConnections());
            calls.add(new Call("nvmf_create_transport", options));
        }
        for (Subsystem subsystem : target.subsystems()) {
            calls(calls, subsystem);
        }
        return calls;
    }

    private static void calls(List<Call> calls, Subsystem subsystem) {
        String nqn = subsystem.nqn;
        if (!subsystem.discovery) {
            calls.add(new Call("nvmf_create_subsystem", creation(subsystem)));
        }
        for (String host : subsystem.hosts()) {
            calls.add(new Call("nvmf_subsystem_add_host", Map.of("nqn", nqn, "host", host)));
        }
        for (Namespace namespace : NvmfJson.present(subsystem)) {
            calls.add(new Call("nvmf_subsystem_add_ns", Map.of("nqn", nqn, "namespace", addition(namespace))));
        }
        for (ListenAddress address : subsystem.listeners()) {
            calls.add(new Call("nvmf_subsystem_add_listener",
                Map.of("nqn", nqn, "listen_address", NvmfJson.address(address))));
        }
    }

    private static Map<String, Object> creation(Subsystem subsystem) {
        var map = new LinkedHashMap<String, Object>();
        map.put("nqn", subsystem.nqn);
        map.put("allow_any_host", subsystem.anyHost());
        map.put("serial_number", subsystem.serial);
        map.put("model_number", subsystem.model);
        map.put("max_namespaces", (long) subsystem.maxNamespaces);
        map.put("min_cntlid", (long) subsystem.spec.minCntlid());
        map.put("max_cntlid", (long) subsystem.spec.maxCntlid());
        map.put("ana_reporting", subsystem.spec.anaReporting());
        return map;
    }

    private static Map<String, Object> addition(Namespace namespace) {
        Map<String, Object> map = NvmfJson.namespace(namespace);
        map.remove("name");
        return map;
    }
}
