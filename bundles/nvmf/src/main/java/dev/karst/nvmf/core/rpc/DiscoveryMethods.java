package dev.karst.nvmf.core.rpc;

import dev.karst.base.StorageException;
import dev.karst.nvmf.ListenAddress;
import dev.karst.nvmf.core.Discovery;
import dev.karst.nvmf.core.NvmfTarget;
import dev.karst.nvmf.core.model.DiscoverySnapshot.Filter;
import dev.karst.rpc.Effect;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Type;
import dev.karst.spec.nvmf.Nqn;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The methods about what hosts are told, and about the target as a whole. */
final class DiscoveryMethods {
    private static final RpcParameter SUBNQN =
        RpcParameter.optional("subnqn", Type.STRING, "Name of the subsystem there").initially(Nqn.DISCOVERY);
    private static final String FILTER = "discovery_filter";
    private static final String FILTERS = "discovery_filters";
    private static final String MATCH_ANY = "match_any";

    private final NvmfTarget target;

    DiscoveryMethods(NvmfTarget target) {
        this.target = target;
    }

    List<RpcMethod> methods() {
        return List.of(addReferral(), removeReferral(), getReferrals(), setConfig(), setMaxSubsystems());
    }

    private RpcMethod addReferral() {
        return RpcMethod.named(
                "nvmf_discovery_add_referral", "nvmf", "referral-create", "Tells hosts of another place to ask or connect")
            .takes(Arguments.REFERRED, SUBNQN,
                Arguments.flag("secure_channel", "Whether only secure channels are accepted there"), Arguments.TARGET)
            .saved()
            .with(Effect.made("nvmf_discovery_remove_referral", "address.trtype", "address.traddr", "address.trsvcid", "subnqn"))
            .does(call -> {
                target.discovery.refer(new Discovery.Referral(
                    referred(call), subNqn(call), call.flag("secure_channel", false)));
                return true;
            });
    }

    private static ListenAddress referred(RpcCall call) throws StorageException {
        ListenAddress address = Arguments.address(call, "address");
        if (!Set.of("TCP", "RDMA").contains(address.trtype())) {
            throw Arguments.invalid("trtype is " + address.trtype() + ", which is not TCP or RDMA");
        }
        return address;
    }

    private static String subNqn(RpcCall call) throws StorageException {
        String subNqn = call.string("subnqn", Nqn.DISCOVERY);
        if (!Nqn.isAcceptable(subNqn)) {
            throw Arguments.invalid(subNqn + " is no NQN");
        }
        return subNqn;
    }

    private RpcMethod removeReferral() {
        return RpcMethod.named(
                "nvmf_discovery_remove_referral", "nvmf", "referral-delete",
                "Does not tell hosts of that place any more")
            .takes(Arguments.REFERRED, SUBNQN, Arguments.TARGET)
            .saved()
            .does(call -> {
                target.discovery.forget(referred(call), subNqn(call));
                return true;
            });
    }

    private RpcMethod getReferrals() {
        return RpcMethod.named(
                "nvmf_discovery_get_referrals", "nvmf", "referral-list",
                "Lists the other places that hosts are told of")
            .takes(Arguments.TARGET)
            .shows("TRANSPORT", "address.trtype").shows("ADDRESS", "address.traddr").shows("PORT", "address.trsvcid")
            .shows("NQN", "subnqn").shows("SECURE", "secure_channel")
            .readOnly()
            .does(call -> target.discovery.referrals().stream().map(NvmfJson::referral).toList());
    }

    private RpcMethod setConfig() {
        return RpcMethod.named("nvmf_set_config", "nvmf", "config-set", "Sets what holds for the target as a whole")
            .takes(
                RpcParameter.optional(FILTER, Type.STRING,
                    "match_any, or a list with commas of transport, address and svcid").initially("match_any"),
                RpcParameter.optional(FILTERS, Type.LIST,
                    "What listeners that hosts are told of have in common with the one they ask at"),
                RpcParameter.optional("admin_cmd_passthru", Type.OBJECT, "For clients of SPDK; of any command, only false").passing(),
                RpcParameter.optional("poll_groups_mask", Type.STRING, "Not supported"),
                RpcParameter.optional("dhchap_digests", Type.LIST, "For clients of SPDK; without effect").passing(),
                RpcParameter.optional("dhchap_dhgroups", Type.LIST, "For clients of SPDK; without effect").passing(),
                RpcParameter.optional("dup_host_policy", Type.STRING, "For clients of SPDK; only allow").oneOf("allow").passing())
            .saved()
            .with(Effect.set("nvmf_set_config", Map.of(FILTER, MATCH_ANY)).normalizedBy(DiscoveryMethods::normal))
            .does(this::setConfig);
    }

    private Object setConfig(RpcCall call) throws StorageException {
        Arguments.refuse(call, "poll_groups_mask");
        refusePassingThrough(call);
        if (call.has(FILTERS) || call.has(FILTER)) {
            target.discovery.filters(filters(names(call.parameters())));
        }
        return true;
    }

    /** The filters in the form in which they are saved. */
    private static Map<String, Object> normal(Map<String, Object> sent) {
        Map<String, Object> same = new LinkedHashMap<>(sent);
        same.remove(FILTERS);
        List<String> names = names(sent);
        same.put(FILTER, names.isEmpty() ? MATCH_ANY : String.join(",", names));
        return same;
    }

    /** The names of filters, said in either way, each once and in order; none for any listener. */
    private static List<String> names(Map<String, Object> sent) {
        List<?> words = List.of();
        if (sent.get(FILTERS) instanceof List<?> list && !list.isEmpty()) {
            words = list;
        } else if (sent.get(FILTER) instanceof String text && !text.equalsIgnoreCase(MATCH_ANY)) {
            words = List.of(text.split(","));
        }
        return words.stream().map(word -> String.valueOf(word).strip().toLowerCase(Locale.ROOT)).distinct().sorted().toList();
    }

    /** SPDK saves each kind of admin command, as false unless somebody had it handed to an NVMe controller behind the target. */
    private static void refusePassingThrough(RpcCall call) throws StorageException {
        Map<String, Object> kinds = call.has("admin_cmd_passthru") ? call.object("admin_cmd_passthru").parameters() : Map.of();
        for (Map.Entry<String, Object> kind : kinds.entrySet()) {
            if (!Boolean.FALSE.equals(kind.getValue())) {
                throw Arguments.invalid("admin_cmd_passthru: " + kind.getKey() + " is " + kind.getValue()
                    + ", but admin commands are answered here and never passed on; leave it out or give false");
            }
        }
    }

    private static Set<Filter> filters(List<String> names) throws StorageException {
        var filters = EnumSet.noneOf(Filter.class);
        for (String name : names) {
            try {
                filters.add(Filter.valueOf(name.toUpperCase(Locale.ROOT)));
            } catch (IllegalArgumentException e) {
                throw Arguments.invalid("discovery filter " + name + " is not one of transport, address and svcid");
            }
        }
        return filters;
    }

    private RpcMethod setMaxSubsystems() {
        return RpcMethod.named(
                "nvmf_set_max_subsystems", "nvmf", "max-subsystems-set", "Limits how many subsystems there may be")
            .takes(RpcParameter.required("max_subsystems", Type.U32, "How many; 1024 at first"))
            .saved()
            .with(Effect.set("nvmf_set_max_subsystems",
                Map.of("max_subsystems", (long) NvmfTarget.USUAL_MAX_SUBSYSTEMS)))
            .does(call -> {
                target.maxSubsystems((int) Arguments.range(
                    call, "max_subsystems", 1, 1, NvmfTarget.MAX_SUBSYSTEMS));
                return true;
            });
    }
}
