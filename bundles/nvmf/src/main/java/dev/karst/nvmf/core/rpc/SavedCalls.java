package dev.karst.nvmf.core.rpc;

import dev.karst.nvmf.core.Discovery;
import dev.karst.nvmf.core.NvmfTarget;
import dev.karst.nvmf.core.Transports;
import dev.karst.nvmf.core.model.AnaState;
import dev.karst.nvmf.core.model.AnaStates;
import dev.karst.nvmf.core.model.Listener;
import dev.karst.nvmf.core.model.Namespace;
import dev.karst.nvmf.core.model.Subsystem;
import dev.karst.rpc.ConfigSource.Call;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The target as the calls that bring it back. */
final class SavedCalls {
    private SavedCalls() {}

    /** The calls that bring all of the target back. */
    static List<Call> calls(NvmfTarget target) {
        var calls = new ArrayList<Call>();
        // The one form of it that SPDK takes too.
        String filters = target.discovery.filters().stream()
            .map(filter -> filter.name().toLowerCase(Locale.ROOT)).collect(Collectors.joining(","));
        calls.add(Call.of("nvmf_set_config", "discovery_filter", filters.isEmpty() ? "match_any" : filters));
        calls.add(Call.of("nvmf_set_max_subsystems", "max_subsystems", (long) target.maxSubsystems()));
        calls.add(TargetMethods.call(target.retryDelays()));
        for (Transports.Slot slot : target.transports()) {
            var options = NvmfJson.transport(slot.type, slot.options);
            options.put("karst_max_connections", (long) slot.options.maxConnections());
            calls.add(new Call("nvmf_create_transport", options));
        }
        for (Discovery.Referral referral : target.discovery.referrals()) {
            calls.add(new Call("nvmf_discovery_add_referral", NvmfJson.referral(referral)));
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
        } else if (!subsystem.anyHost()) {
            calls.add(Call.of("nvmf_subsystem_allow_any_host", "nqn", nqn, "allow_any_host", false));
        }
        for (String host : subsystem.hosts()) {
            calls.add(Call.of("nvmf_subsystem_add_host", "nqn", nqn, "host", host));
        }
        for (Namespace namespace : NvmfJson.present(subsystem)) {
            calls.add(Call.of("nvmf_subsystem_add_ns", "nqn", nqn, "namespace", addition(namespace)));
            for (String host : namespace.shownTo()) {
                calls.add(Call.of("nvmf_ns_add_host", "nqn", nqn, "nsid", (long) namespace.nsid, "host", host));
            }
        }
        for (Listener listener : subsystem.listeners()) {
            listener(calls, subsystem, listener);
        }
    }

    private static void listener(List<Call> calls, Subsystem subsystem, Listener listener) {
        Map<String, Object> address = NvmfJson.address(listener.address);
        var addition = new LinkedHashMap<String, Object>();
        addition.put("nqn", subsystem.nqn);
        addition.put("listen_address", address);
        if (!listener.advertised.equals(listener.address)) {
            Map<String, Object> advertised = NvmfJson.address(listener.advertised);
            advertised.remove("trtype");
            addition.put("karst_advertise", advertised);
        }
        AnaStates states = listener.ana();
        AnaState usual = usual(states, subsystem.anaGroups());
        if (usual != AnaState.OPTIMIZED) {
            addition.put("ana_state", usual.word);
        }
        calls.add(new Call("nvmf_subsystem_add_listener", addition));
        for (int group = 1; group <= subsystem.anaGroups(); group++) {
            if (states.of(group) != usual) {
                calls.add(Call.of("nvmf_subsystem_listener_set_ana_state",
                    "nqn", subsystem.nqn, "listen_address", address, "ana_state", states.of(group).word,
                    "anagrpid", (long) group));
            }
        }
    }

    /** The state of most groups; of two that are as frequent the better. */
    private static AnaState usual(AnaStates states, int groups) {
        return Arrays.stream(AnaState.values())
            .max(Comparator.comparingLong((AnaState state) -> groupsIn(state, states, groups))
                .thenComparing(Comparator.reverseOrder()))
            .orElseThrow();
    }

    private static long groupsIn(AnaState state, AnaStates states, int groups) {
        return IntStream.rangeClosed(1, groups).filter(group -> states.of(group) == state).count();
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
        map.put("dmrsl", subsystem.spec.limits().dmrsl());
        map.put("wzsl", (long) subsystem.spec.limits().wzsl());
        if (subsystem.spec.hidden()) {
            map.put("karst_hidden", true);
        }
        return map;
    }

    private static Map<String, Object> addition(Namespace namespace) {
        Map<String, Object> map = NvmfJson.namespace(namespace);
        map.remove("name");
        map.remove("hosts");
        if (namespace.spec.dataAlone()) {
            map.put("hide_metadata", true);
        }
        if (namespace.spec.ptplFile() != null) {
            map.put("ptpl_file", namespace.spec.ptplFile());
        }
        return map;
    }
}
