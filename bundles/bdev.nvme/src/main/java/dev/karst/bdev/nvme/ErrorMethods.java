package dev.karst.bdev.nvme;

import dev.karst.base.StorageException;
import dev.karst.bdev.nvme.control.AttachedController;
import dev.karst.nvme.Injections.Injection;
import dev.karst.nvme.NvmeController;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Type;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Errors that are to happen to commands of devices, for those who test what comes above. */
final class ErrorMethods {
    private static final int NANOS_PER_US = 1_000;
    private static final int SCT_SHIFT = 8;
    private static final RpcParameter KIND =
        RpcParameter.required("cmd_type", Type.STRING, "Which commands: I/O, or admin").oneOf("admin", "io");
    private static final RpcParameter OPCODE = RpcParameter.required("opc", Type.U16, "Opcode of the commands");

    private final NvmeModule module;

    ErrorMethods(NvmeModule module) {
        this.module = module;
    }

    List<RpcMethod> methods() {
        return List.of(
            RpcMethod.named("bdev_nvme_add_error_injection", "bdev", "nvme-error-add", "Has the next commands with an opcode fail")
                .takes(ControllerMethods.NAME, KIND, OPCODE,
                    RpcParameter.optional("do_not_submit", Type.BOOLEAN, "Whether the controller does not hear of them").initially("false"),
                    RpcParameter.optional("timeout_in_us", Type.U64, "How long they take then").initially("0"),
                    RpcParameter.optional("err_count", Type.U32, "How many").initially("1"),
                    RpcParameter.optional("sct", Type.U16, "Status code type").initially("0"),
                    RpcParameter.optional("sc", Type.U16, "Status code").initially("0"))
                .does(call -> set(call, true)),
            RpcMethod.named("bdev_nvme_remove_error_injection", "bdev", "nvme-error-remove", "Has commands with an opcode fail no more")
                .takes(ControllerMethods.NAME, KIND, OPCODE)
                .does(call -> set(call, false)));
    }

    private Object set(RpcCall call, boolean happens) throws StorageException {
        boolean admin = call.string("cmd_type").equalsIgnoreCase("admin");
        for (AttachedController each : module.controllers().named(call.string("name"), -1)) {
            NvmeController controller = each.path().controller();
            if (controller != null) {
                controller.injections(admin).set((int) call.number("opc"), happens ? injection(call) : null);
            }
        }
        return true;
    }

    private static Injection injection(RpcCall call) {
        int status = (int) (call.number("sct", 0) << SCT_SHIFT | call.number("sc", 0));
        long delay = Math.min(call.number("timeout_in_us", 0), Long.MAX_VALUE / NANOS_PER_US) * NANOS_PER_US;
        return new Injection(status, call.flag("do_not_submit", false), delay, new AtomicInteger((int) Math.min(call.number("err_count", 1), Integer.MAX_VALUE)));
    }
}
