package dev.karst.nvmf.core.rpc;

import dev.karst.base.StorageException;
import dev.karst.nvmf.core.NvmfTarget;
import dev.karst.nvmf.core.model.Namespace;
import dev.karst.rpc.Effect;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcError;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Kind;
import dev.karst.rpc.RpcParameter.Type;
import java.util.List;

/** The methods about namespaces. */
final class NamespaceMethods {
    private static final RpcParameter NSID = RpcParameter.required("nsid", Type.U32, "Its identifier").of(Kind.NAMESPACE);
    private static final RpcParameter HOST = RpcParameter.required("host", Type.STRING, "NQN of the host").of(Kind.HOST);

    private final NvmfTarget target;

    NamespaceMethods(NvmfTarget target) {
        this.target = target;
    }

    List<RpcMethod> methods() {
        return List.of(addNamespace(), removeNamespace(), setAnaGroup(), addHost(), removeHost());
    }

    private RpcMethod addNamespace() {
        return RpcMethod.named("nvmf_subsystem_add_ns", "nvmf", "ns-create", "Gives a block device to a subsystem's hosts")
            .takes(Arguments.NQN, RpcParameter.required("namespace", Type.OBJECT, "The namespace").holding(
                RpcParameter.required("bdev_name", Type.STRING, "Name of the block device").of(Kind.BDEV),
                RpcParameter.optional("nsid", Type.U32, "Its identifier; the lowest that is free when left out"),
                RpcParameter.optional("nguid", Type.STRING, "32 hexadecimal digits; the UUID when left out"),
                RpcParameter.optional("eui64", Type.STRING, "16 hexadecimal digits; none when left out"),
                RpcParameter.optional("uuid", Type.UUID, "Its UUID; the device's when left out"),
                RpcParameter.optional("anagrpid", Type.U32,
                    "Its ANA group; the one of its own identifier when left out"),
                RpcParameter.optional("ptpl_file", Type.STRING,
                    "Absolute path of a file that its reservations persist in; they end with Karst when left out"),
                Arguments.flag("no_auto_visible", "Whether only hosts see it that it is shown to"),
                Arguments.flag("hide_metadata",
                    "Whether hosts see blocks without their metadata and protection information")),
                Arguments.TARGET)
            .saved()
            .with(Effect.made("nvmf_subsystem_remove_ns", "nqn", "namespace.nsid")
                .changedBy("nvmf_subsystem_set_ns_ana_group", "namespace.anagrpid"))
            .does(this::addNamespace);
    }

    private Object addNamespace(RpcCall call) throws StorageException {
        RpcCall namespace = call.object("namespace");
        var spec = new Namespace.Spec(
            Arguments.number(namespace, "nsid", 0), namespace.string("bdev_name"),
            Arguments.hex(namespace, "nguid", Namespace.NGUID_BYTES),
            Arguments.hex(namespace, "eui64", Namespace.EUI64_BYTES), namespace.uuid("uuid"),
            Arguments.number(namespace, "anagrpid", 0), namespace.flag("no_auto_visible", false),
            namespace.flag("hide_metadata", false), namespace.string("ptpl_file"));
        try {
            long nsid = target.namespaces.add(Arguments.nvmSubsystem(target, call), spec);
            namespace.settle("nsid", nsid);
            return nsid;
        } catch (StorageException e) {
            throw new StorageException(RpcError.INVALID_PARAMS, e.getMessage().startsWith("Invalid parameters")
                ? e.getMessage() : "Invalid parameters: " + e.getMessage(), e);
        }
    }

    private RpcMethod removeNamespace() {
        return RpcMethod
            .named("nvmf_subsystem_remove_ns", "nvmf", "ns-delete", "Takes a namespace from a subsystem's hosts")
            .takes(Arguments.NQN, NSID, Arguments.TARGET)
            .saved()
            .does(call -> {
                target.namespaces.remove(Arguments.namespace(target, call));
                return true;
            });
    }

    private RpcMethod setAnaGroup() {
        return RpcMethod.named(
                "nvmf_subsystem_set_ns_ana_group", "nvmf", "ns-set-ana-group", "Moves a namespace to another ANA group")
            .takes(Arguments.NQN, NSID,
                RpcParameter.required("anagrpid", Type.U32, "The group, from 1 to the highest namespace identifier"),
                Arguments.TARGET)
            .saved()
            .does(call -> {
                target.namespaces.anaGroup(Arguments.namespace(target, call), Arguments.number(call, "anagrpid", 0));
                return true;
            });
    }

    private RpcMethod addHost() {
        return RpcMethod.named(
                "nvmf_ns_add_host", "nvmf", "ns-host-create", "Shows a namespace to a host that does not see it by itself")
            .takes(Arguments.NQN, NSID, HOST, Arguments.TARGET)
            .saved()
            .with(Effect.made("nvmf_ns_remove_host", "nqn", "nsid", "host"))
            .does(call -> {
                target.namespaces.show(Arguments.namespace(target, call), call.string("host"), true);
                return true;
            });
    }

    private RpcMethod removeHost() {
        return RpcMethod.named("nvmf_ns_remove_host", "nvmf", "ns-host-delete", "Hides a namespace from a host again")
            .takes(Arguments.NQN, NSID, HOST, Arguments.TARGET)
            .saved()
            .does(call -> {
                target.namespaces.show(Arguments.namespace(target, call), call.string("host"), false);
                return true;
            });
    }
}
