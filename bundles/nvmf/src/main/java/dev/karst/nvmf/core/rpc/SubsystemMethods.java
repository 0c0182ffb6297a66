package dev.karst.nvmf.core.rpc;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.nvmf.core.NvmfTarget;
import dev.karst.nvmf.core.model.SizeLimits;
import dev.karst.nvmf.core.model.Subsystem;
import dev.karst.rpc.Effect;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Kind;
import dev.karst.rpc.RpcParameter.Type;
import java.util.List;

/** The methods about subsystems. */
final class SubsystemMethods {
    private static final int SERIAL_CHARACTERS = 20;
    private static final int MODEL_CHARACTERS = 40;
    private static final long DEFAULT_NAMESPACES = 32;

    private final NvmfTarget target;

    SubsystemMethods(NvmfTarget target) {
        this.target = target;
    }

    List<RpcMethod> methods() {
        return List.of(createSubsystem(), deleteSubsystem(), getSubsystems(), pause(), resume());
    }

    private RpcMethod createSubsystem() {
        return RpcMethod
            .named("nvmf_create_subsystem", "nvmf", "subsystem-create", "Makes a subsystem without namespaces")
            .takes(
                RpcParameter.required("nqn", Type.STRING, "Its name, such as nqn.2016-06.io.spdk:cnode1"),
                Arguments.TARGET,
                RpcParameter.optional("serial_number", Type.STRING, "Serial number").initially("00000000000000000000"),
                RpcParameter.optional("model_number", Type.STRING, "Model number").initially("Karst"),
                RpcParameter.optional("max_namespaces", Type.U32, "Highest namespace identifier").initially("32"),
                Arguments.flag("allow_any_host", "Whether every host may use it"),
                Arguments.flag("ana_reporting", "Whether hosts are told how they can reach its namespaces (ANA)"),
                RpcParameter.optional("min_cntlid", Type.U16, "Lowest controller identifier").initially("1"),
                RpcParameter.optional("max_cntlid", Type.U16, "Highest controller identifier").initially("65519"),
                RpcParameter.optional("admin_label", Type.STRING, "For clients of SPDK; without effect").passing(),
                RpcParameter.optional("dmrsl", Type.U32, "Most blocks of a range of a Dataset Management; 0 for any")
                    .initially("2097152"),
                RpcParameter.optional("wzsl", Type.U16, "Most bytes of a Write Zeroes: 4096 by a power of two; 0 for any")
                    .initially("12"),
                unusual("max_discard_size_kib", "dmrsl"), unusual("max_write_zeroes_size_kib", "wzsl"),
                Arguments.flag("karst_hidden",
                    "Whether hosts that may not use it are answered as if there were no such subsystem"),
                Arguments.flag("passthrough", "Not supported").passing(),
                Arguments.flag("enable_nssr", "Not supported").passing())
            .saved()
            .with(Effect.made("nvmf_delete_subsystem", "nqn").changedBy("nvmf_subsystem_allow_any_host", "allow_any_host"))
            .does(this::createSubsystem);
    }

    /** SPDK saves these, as 0 unless somebody set them. */
    private static RpcParameter unusual(String name, String instead) {
        return RpcParameter.optional(name, Type.U64, "Only 0, as SPDK saves it; " + instead + " sets the limit").initially("0");
    }

    private Object createSubsystem(RpcCall call) throws StorageException {
        Arguments.refuse(call, "passthrough", "enable_nssr");
        Arguments.range(call, "max_discard_size_kib", 0, 0, 0);
        Arguments.range(call, "max_write_zeroes_size_kib", 0, 0, 0);
        var spec = new Subsystem.Spec(
            call.string("nqn"), Arguments.text(call, "serial_number", "00000000000000000000", SERIAL_CHARACTERS),
            Arguments.text(call, "model_number", "Karst", MODEL_CHARACTERS),
            (int) Arguments.range(call, "max_namespaces", DEFAULT_NAMESPACES,
                1, NvmfTarget.MAX_NAMESPACES),
            (int) Arguments.range(call, "min_cntlid", Subsystem.MIN_CNTLID, Subsystem.MIN_CNTLID, Subsystem.MAX_CNTLID),
            (int) Arguments.range(call, "max_cntlid", Subsystem.MAX_CNTLID, Subsystem.MIN_CNTLID, Subsystem.MAX_CNTLID),
            call.flag("ana_reporting", false),
            new SizeLimits(call.number("dmrsl", SizeLimits.USUAL.dmrsl()),
                (int) Arguments.range(call, "wzsl", SizeLimits.USUAL.wzsl(), 0, SizeLimits.WZSL_MAX)),
            call.flag("karst_hidden", false));
        if (spec.minCntlid() > spec.maxCntlid()) {
            throw Arguments.invalid("min_cntlid is above max_cntlid");
        }
        target.createSubsystem(spec, call.flag("allow_any_host", false));
        return true;
    }

    private RpcMethod deleteSubsystem() {
        return RpcMethod
            .named("nvmf_delete_subsystem", "nvmf", "subsystem-delete", "Deletes a subsystem; its hosts lose it")
            .takes(Arguments.NQN, Arguments.TARGET)
            .saved()
            .does(call -> {
                target.deleteSubsystem(Arguments.nvmSubsystem(target, call));
                return true;
            });
    }

    private RpcMethod pause() {
        return RpcMethod
            .named("karst_nvmf_subsystem_pause", "nvmf", "subsystem-pause",
                "Holds a subsystem's commands until it is resumed; returns once its I/O has run out")
            .takes(Arguments.NQN)
            .does(call -> {
                target.pause(Arguments.nvmSubsystem(target, call));
                return true;
            });
    }

    private RpcMethod resume() {
        return RpcMethod
            .named("karst_nvmf_subsystem_resume", "nvmf", "subsystem-resume", "Lets a subsystem's commands go on")
            .takes(Arguments.NQN)
            .does(call -> {
                target.resume(Arguments.nvmSubsystem(target, call));
                return true;
            });
    }

    private RpcMethod getSubsystems() {
        return RpcMethod
            .named("nvmf_get_subsystems", "nvmf", "subsystem-list", "Lists subsystems, the discovery one first")
            .takes(RpcParameter.optional("nqn", Type.STRING, "Only this one").of(Kind.SUBSYSTEM), Arguments.TARGET)
            .shows("NQN", "nqn").shows("TYPE", "subtype").shows("SERIAL", "serial_number")
            .shows("ANY HOST", "allow_any_host").shows("ADDRESSES", "listen_addresses.traddr")
            .shows("PORTS", "listen_addresses.trsvcid").shows("NAMESPACES", "namespaces.bdev_name")
            .readOnly()
            .does(call -> {
                if (!call.has("nqn")) {
                    return target.subsystems().stream().map(NvmfJson::subsystem).toList();
                } else if (target.subsystem(call.string("nqn")) == null) {
                    throw StorageException.errno(Errno.ENODEV, Errno.text(Errno.ENODEV));
                }
                return List.of(NvmfJson.subsystem(Arguments.subsystem(target, call)));
            });
    }
}
