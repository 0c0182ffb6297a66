package dev.karst.nvmf.core.rpc;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.nvmf.core.NvmfTarget;
import dev.karst.nvmf.core.model.Target.RetryDelays;
import dev.karst.rpc.ConfigSource.Call;
import dev.karst.rpc.Effect;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcError;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Type;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The methods about targets, of which there is one, and what it tells all hosts. */
final class TargetMethods {
    private static final String THE_ONE = "nvmf_tgt";
    private static final RpcParameter NAME = RpcParameter.required("name", Type.STRING, "Name of the target");

    private final NvmfTarget target;

    TargetMethods(NvmfTarget target) {
        this.target = target;
    }

    List<RpcMethod> methods() {
        return List.of(getTargets(), createTarget(), deleteTarget(), setRetryDelays());
    }

    private RpcMethod getTargets() {
        return RpcMethod.named("nvmf_get_targets", "nvmf", "target-list", "Lists targets: there is one")
            .readOnly()
            .does(_ -> List.of(THE_ONE));
    }

    private RpcMethod createTarget() {
        return RpcMethod.named("nvmf_create_target", "nvmf", "target-create", "Refused: there is one target")
            .takes(NAME, RpcParameter.optional("max_subsystems", Type.U32, "Limit of subsystems"),
                RpcParameter.optional("discovery_filter", Type.STRING, "As of nvmf_set_config"),
                RpcParameter.optional("dup_host_policy", Type.ENUM, "As of nvmf_set_config")
                    .oneOf("allow", "restrict_per_listener"))
            .does(call -> {
                if (call.string("name").equals(THE_ONE)) {
                    throw RpcError.invalidParameters("Target already exists.");
                }
                throw new StorageException(RpcError.INTERNAL_ERROR,
                    "Unable to create the requested target. There is one, " + THE_ONE + ", and there can be no other");
            });
    }

    private RpcMethod deleteTarget() {
        return RpcMethod.named("nvmf_delete_target", "nvmf", "target-delete", "Refused: the one target stays")
            .takes(NAME)
            .does(call -> {
                if (call.string("name").equals(THE_ONE)) {
                    throw StorageException.errno(Errno.EBUSY, Errno.text(Errno.EBUSY) + ": the target " + THE_ONE
                        + " stays; nvmf:subsystem-delete takes away what it serves");
                }
                throw RpcError.invalidParameters("The specified target doesn't exist, cannot delete it.");
            });
    }

    private RpcMethod setRetryDelays() {
        return RpcMethod.named("nvmf_set_crdt", "nvmf", "retry-delays-set",
                "Sets the Command Retry Delay Times that hosts are told when they identify a controller, in units of 100 ms")
            .takes(delay("crdt1"), delay("crdt2"), delay("crdt3"))
            .saved()
            .with(Effect.set("nvmf_set_crdt", call(RetryDelays.NONE).parameters()))
            .does(this::setRetryDelays);
    }

    private static RpcParameter delay(String name) {
        return RpcParameter.optional(name, Type.U16, "Command Retry Delay Time " + name.charAt(name.length() - 1)).initially("0");
    }

    private Object setRetryDelays(RpcCall call) {
        target.retryDelays(new RetryDelays(
            (int) call.number("crdt1", 0), (int) call.number("crdt2", 0), (int) call.number("crdt3", 0)));
        return true;
    }

    /** The call that sets them again. */
    static Call call(RetryDelays delays) {
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("crdt1", (long) delays.crdt1());
        parameters.put("crdt2", (long) delays.crdt2());
        parameters.put("crdt3", (long) delays.crdt3());
        return new Call("nvmf_set_crdt", parameters);
    }
}
