package dev.karst.nvmf.core.rpc;

import dev.karst.nvmf.core.NvmfTarget;
import dev.karst.rpc.Effect;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Kind;
import dev.karst.rpc.RpcParameter.Type;
import java.util.List;
import java.util.Map;

/** The methods about which hosts may use a subsystem. */
final class HostMethods {
    private static final RpcParameter HOST = RpcParameter.required("host", Type.STRING, "NQN of the host").of(Kind.HOST);

    private final NvmfTarget target;

    HostMethods(NvmfTarget target) {
        this.target = target;
    }

    List<RpcMethod> methods() {
        return List.of(addHost(), removeHost(), allowAnyHost());
    }

    private RpcMethod addHost() {
        return RpcMethod.named("nvmf_subsystem_add_host", "nvmf", "host-create", "Allows a host to use a subsystem")
            .takes(Arguments.NQN, HOST, Arguments.TARGET,
                RpcParameter.optional("psk", Type.STRING, "Not supported").hidden().passing(),
                RpcParameter.optional("dhchap_key", Type.STRING, "Not supported").hidden().passing(),
                RpcParameter.optional("dhchap_ctrlr_key", Type.STRING, "Not supported").hidden().passing())
            .saved()
            .with(Effect.made("nvmf_subsystem_remove_host", "nqn", "host"))
            .does(call -> {
                Arguments.refuse(call, "psk", "dhchap_key", "dhchap_ctrlr_key");
                target.hosts.add(Arguments.subsystem(target, call), call.string("host"));
                return true;
            });
    }

    private RpcMethod removeHost() {
        return RpcMethod.named(
                "nvmf_subsystem_remove_host", "nvmf", "host-delete",
                "Forbids a host to use a subsystem; its controllers end")
            .takes(Arguments.NQN, HOST, Arguments.TARGET,
                RpcParameter.optional("timeout_ms", Type.U64, "For clients of SPDK; without effect"))
            .saved()
            .does(call -> {
                target.hosts.remove(Arguments.subsystem(target, call), call.string("host"));
                return true;
            });
    }

    private RpcMethod allowAnyHost() {
        return RpcMethod.named(
                "nvmf_subsystem_allow_any_host", "nvmf", "host-allow-any",
                "Says whether every host may use a subsystem")
            .takes(Arguments.NQN,
                RpcParameter.required("allow_any_host", Type.BOOLEAN, "Whether every host may use it"),
                Arguments.TARGET)
            .saved()
            .with(Effect.set("nvmf_subsystem_allow_any_host", Map.of("allow_any_host", true), "nqn"))
            .does(call -> {
                target.hosts.allowAny(Arguments.subsystem(target, call), call.flag("allow_any_host", false));
                return true;
            });
    }
}
