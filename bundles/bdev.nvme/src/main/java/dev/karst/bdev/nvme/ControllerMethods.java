package dev.karst.bdev.nvme;

import dev.karst.base.StorageException;
import dev.karst.bdev.nvme.control.AttachedController;
import dev.karst.bdev.nvme.control.Attachment;
import dev.karst.bdev.nvme.control.ControllerGroup;
import dev.karst.bdev.nvme.control.Controllers;
import dev.karst.bdev.nvme.control.NamespaceDescription;
import dev.karst.nvme.NvmeController;
import dev.karst.nvme.TransportId;
import dev.karst.rpc.Effect;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Controllers: attached, listed, reset, put out of use, detached. */
final class ControllerMethods {
    static final RpcParameter NAME = RpcParameter.required("name", Type.STRING, "Name of the controller");
    static final RpcParameter CNTLID =
        RpcParameter.optional("cntlid", Type.U16, "Only the controller of that number").initially("all of the name");

    private final NvmeModule module;

    ControllerMethods(NvmeModule module) {
        this.module = module;
    }

    List<RpcMethod> methods() {
        return List.of(attach(), detach(), list(), reset(), enable(), disable());
    }

    private RpcMethod attach() {
        return RpcMethod.named(Attachment.METHOD, "bdev", "nvme-attach",
                "Attaches an NVMe controller, or one more path under a name, and makes devices of its namespaces")
            .takes(AttachCall.parameters()).saved()
            .with(Effect.made("bdev_nvme_detach_controller", "name", "trtype", "traddr", "adrfam", "trsvcid", "subnqn")
                .normalizedBy(AttachCall::normal))
            .does(this::attach);
    }

    private Object attach(RpcCall call) throws StorageException {
        Controllers controllers = module.controllers();
        AttachCall.normal(call.parameters()).forEach(call::settle);
        return controllers.attach(AttachCall.attachment(call, controllers.settings()));
    }

    private RpcMethod detach() {
        return RpcMethod.named("bdev_nvme_detach_controller", "bdev", "nvme-detach",
                "Detaches the controllers of a name, or those of them that are there; devices without another path go")
            .takes(NAME,
                RpcParameter.optional("trtype", Type.STRING, "Transport"),
                RpcParameter.optional("traddr", Type.STRING, "Address"),
                RpcParameter.optional("adrfam", Type.STRING, "Address family"),
                RpcParameter.optional("trsvcid", Type.STRING, "Port"),
                RpcParameter.optional("subnqn", Type.STRING, "NQN of the subsystem"),
                RpcParameter.optional("hostaddr", Type.STRING, "For clients of SPDK; without effect"),
                RpcParameter.optional("hostsvcid", Type.STRING, "For clients of SPDK; without effect"))
            .saved()
            .does(call -> {
                module.controllers().detach(call.string("name"), id -> isMeant(call, id));
                return true;
            });
    }

    private static boolean isMeant(RpcCall call, TransportId id) {
        return isMeant(call, "trtype", id.type()) && isMeant(call, "traddr", id.address()) && isMeant(call, "adrfam", id.family())
            && isMeant(call, "trsvcid", id.service()) && isMeant(call, "subnqn", id.subsystem());
    }

    private static boolean isMeant(RpcCall call, String name, String value) {
        return !call.has(name) || call.string(name).equalsIgnoreCase(value);
    }

    private RpcMethod list() {
        return RpcMethod.named("bdev_nvme_get_controllers", "bdev", "nvme-list", "Lists attached NVMe controllers by name")
            .takes(RpcParameter.optional("name", Type.STRING, "Name of a controller; all when left out"))
            .shows("NAME", "name").shows("CONTROLLERS", "ctrlrs")
            .readOnly()
            .does(call -> {
                if (call.has("name")) {
                    module.controllers().named(call.string("name"), -1);
                }
                return module.controllers().look(groups -> groups.stream()
                    .filter(group -> !call.has("name") || group.name().equals(call.string("name")))
                    .map(ControllerMethods::json).toList());
            });
    }

    private static Map<String, Object> json(ControllerGroup group) {
        List<Object> controllers = new ArrayList<>();
        group.controllers().forEach(each -> controllers.add(json(each)));
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", group.name());
        json.put("ctrlrs", controllers);
        return json;
    }

    private static Map<String, Object> json(AttachedController attached) {
        NvmeController controller = attached.controller();
        Attachment attachment = attached.attachment();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("state", attached.state());
        json.put("trid", NamespaceDescription.trid(attachment.id()));
        json.put("cntlid", controller == null ? 0L : controller.data().controllerId());
        Map<String, Object> host = new LinkedHashMap<>();
        host.put("nqn", controller == null ? attachment.options().hostNqn() : controller.options().hostNqn());
        host.put("addr", attachment.options().hostAddress());
        host.put("svcid", "");
        json.put("host", host);
        if (controller != null && !controller.reason().isEmpty()) {
            json.put("reason", controller.reason());
        }
        return json;
    }

    private RpcMethod reset() {
        return RpcMethod.named("bdev_nvme_reset_controller", "bdev", "nvme-reset", "Resets NVMe controllers; I/O goes on afterwards")
            .takes(NAME, CNTLID).does(call -> each(call, module.controllers()::reset));
    }

    private RpcMethod enable() {
        return RpcMethod.named("bdev_nvme_enable_controller", "bdev", "nvme-enable", "Attaches NVMe controllers that are disabled")
            .takes(NAME, CNTLID).does(call -> {
                Controllers controllers = module.controllers();
                for (AttachedController each : controllers.named(call.string("name"), -1)) {
                    controllers.enable(each);
                }
                return true;
            });
    }

    private RpcMethod disable() {
        return RpcMethod.named("bdev_nvme_disable_controller", "bdev", "nvme-disable",
                "Disconnects NVMe controllers and keeps their place: I/O waits, or goes another way")
            .takes(NAME, CNTLID).does(call -> each(call, module.controllers()::disable));
    }

    @FunctionalInterface
    private interface Action {
        void on(AttachedController controller) throws StorageException;
    }

    private Object each(RpcCall call, Action action) throws StorageException {
        for (AttachedController each : module.controllers().named(call.string("name"), call.number("cntlid", -1))) {
            action.on(each);
        }
        return true;
    }
}
