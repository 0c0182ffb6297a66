package dev.karst.nvmf.core.rpc;

import dev.karst.base.StorageException;
import dev.karst.nvmf.ListenAddress;
import dev.karst.nvmf.core.NvmfTarget;
import dev.karst.nvmf.core.Transports;
import dev.karst.nvmf.core.model.Subsystem;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Type;
import java.util.List;

/** The methods about where a subsystem can be reached. */
final class ListenerMethods {
    private static final RpcParameter ADDRESS =
        RpcParameter.required("listen_address", Type.OBJECT, "Where hosts reach it").holding(
            RpcParameter.required("trtype", Type.STRING, "Transport: TCP"),
            RpcParameter.optional("adrfam", Type.STRING, "IPv4 or IPv6; found out when left out"),
            RpcParameter.required("traddr", Type.STRING, "Numeric address"),
            RpcParameter.optional("trsvcid", Type.STRING, "Port; 0 for one that is free").initially("4420"));

    private final NvmfTarget target;

    ListenerMethods(NvmfTarget target) {
        this.target = target;
    }

    List<RpcMethod> methods() {
        return List.of(addListener(), removeListener(), getListeners());
    }

    private static ListenAddress address(RpcCall call) throws StorageException {
        RpcCall address = call.object("listen_address");
        return Transports.canonical(
            address.string("trtype"), address.string("adrfam"), address.string("traddr"),
            address.string("trsvcid", "4420"));
    }

    private RpcMethod addListener() {
        return RpcMethod
            .named("nvmf_subsystem_add_listener", "nvmf", "listener-add", "Makes a subsystem reachable at an address")
            .takes(Arguments.NQN, ADDRESS, Arguments.TARGET,
                Arguments.flag("secure_channel", "Not supported"),
                RpcParameter.optional("ana_state", Type.STRING, "For clients of SPDK; only optimized")
                    .oneOf("optimized"),
                RpcParameter.optional("sock_impl", Type.STRING, "For clients of SPDK; without effect"),
                RpcParameter.optional("numa_id", Type.I32, "For clients of SPDK; without effect"))
            .does(call -> {
                Arguments.refuse(call, "secure_channel");
                target.addListener(Arguments.subsystem(target, call), address(call));
                return true;
            });
    }

    private RpcMethod removeListener() {
        return RpcMethod.named(
                "nvmf_subsystem_remove_listener", "nvmf", "listener-remove",
                "Makes a subsystem unreachable at an address")
            .takes(Arguments.NQN, ADDRESS, Arguments.TARGET)
            .does(call -> {
                target.removeListener(Arguments.subsystem(target, call), address(call));
                return true;
            });
    }

    private RpcMethod getListeners() {
        return RpcMethod
            .named("nvmf_subsystem_get_listeners", "nvmf", "listener-list", "Lists where a subsystem is reachable")
            .takes(Arguments.NQN, Arguments.TARGET)
            .shows("TRANSPORT", "address.trtype").shows("ADDRESS", "address.traddr").shows("PORT", "address.trsvcid")
            .readOnly()
            .does(call -> {
                Subsystem subsystem = Arguments.subsystem(target, call);
                return subsystem.listeners().stream().map(address -> NvmfJson.listener(subsystem, address)).toList();
            });
    }
}
