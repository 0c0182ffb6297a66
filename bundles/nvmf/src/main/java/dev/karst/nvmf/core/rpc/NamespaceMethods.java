package dev.karst.nvmf.core.rpc;

import dev.karst.base.StorageException;
import dev.karst.nvmf.core.NvmfTarget;
import dev.karst.nvmf.core.model.Namespace;
import dev.karst.nvmf.core.model.Subsystem;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcError;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Kind;
import dev.karst.rpc.RpcParameter.Type;
import java.util.List;

/** The methods about namespaces. */
final class NamespaceMethods {
    private final NvmfTarget target;

    NamespaceMethods(NvmfTarget target) {
        this.target = target;
    }

    List<RpcMethod> methods() {
        return List.of(addNamespace(), removeNamespace());
    }

    private RpcMethod addNamespace() {
        return RpcMethod.named("nvmf_subsystem_add_ns", "nvmf", "ns-add", "Gives a block device to a subsystem's hosts")
            .takes(Arguments.NQN, RpcParameter.required("namespace", Type.OBJECT, "The namespace").holding(
                RpcParameter.required("bdev_name", Type.STRING, "Name of the block device").of(Kind.BDEV),
                RpcParameter.optional("nsid", Type.U32, "Its identifier; the lowest that is free when left out"),
                RpcParameter.optional("nguid", Type.STRING, "32 hexadecimal digits; the UUID when left out"),
                RpcParameter.optional("eui64", Type.STRING, "16 hexadecimal digits; none when left out"),
                RpcParameter.optional("uuid", Type.UUID, "Its UUID; the device's when left out"),
                RpcParameter.optional("anagrpid", Type.U32, "For clients of SPDK; kept, without effect"),
                RpcParameter.optional("ptpl_file", Type.STRING, "Not supported"),
                Arguments.flag("no_auto_visible", "Not supported"),
                Arguments.flag("hide_metadata", "For clients of SPDK; without effect, there is no metadata")),
                Arguments.TARGET)
            .does(this::addNamespace);
    }

    private Object addNamespace(RpcCall call) throws StorageException {
        RpcCall namespace = call.object("namespace");
        Arguments.refuse(namespace, "ptpl_file", "no_auto_visible");
        var spec = new Namespace.Spec(
            Arguments.number(namespace, "nsid", 0), namespace.string("bdev_name"),
            Arguments.hex(namespace, "nguid", Namespace.NGUID_BYTES),
            Arguments.hex(namespace, "eui64", Namespace.EUI64_BYTES), namespace.uuid("uuid"),
            Arguments.number(namespace, "anagrpid", 0));
        try {
            return (long) target.addNamespace(Arguments.nvmSubsystem(target, call), spec);
        } catch (StorageException e) {
            throw new StorageException(RpcError.INVALID_PARAMS, e.getMessage().startsWith("Invalid parameters")
                ? e.getMessage() : "Invalid parameters: " + e.getMessage(), e);
        }
    }

    private RpcMethod removeNamespace() {
        return RpcMethod
            .named("nvmf_subsystem_remove_ns", "nvmf", "ns-remove", "Takes a namespace from a subsystem's hosts")
            .takes(Arguments.NQN, RpcParameter.required("nsid", Type.U32, "Its identifier"), Arguments.TARGET)
            .does(call -> {
                Subsystem subsystem = Arguments.nvmSubsystem(target, call);
                Namespace namespace = subsystem.namespace(Arguments.number(call, "nsid", 0));
                if (namespace == null) {
                    throw Arguments.invalid(subsystem.nqn + " has no namespace " + call.number("nsid"));
                }
                target.removeNamespace(namespace);
                return true;
            });
    }
}
