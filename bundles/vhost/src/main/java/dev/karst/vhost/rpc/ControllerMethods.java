package dev.karst.vhost.rpc;

import dev.karst.base.StorageException;
import dev.karst.rpc.ConfigSource.Call;
import dev.karst.rpc.Effect;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Kind;
import dev.karst.rpc.RpcParameter.Type;
import dev.karst.vhost.Controller;
import dev.karst.vhost.VhostTarget;
import dev.karst.vhost.blk.BlkDevice;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The methods about controllers. */
final class ControllerMethods {
    private static final String SCOPE = "vhost";
    private static final RpcParameter NAME = RpcParameter.required("ctrlr", Type.STRING, "Name of the controller, and of its socket");

    private final VhostTarget target;

    ControllerMethods(VhostTarget target) {
        this.target = target;
    }

    List<RpcMethod> methods() {
        return List.of(createBlk(), delete(), list());
    }

    private RpcMethod createBlk() {
        return RpcMethod.named("vhost_create_blk_controller", SCOPE, "blk-create", "Serves a block device to a virtual machine as virtio-blk")
            .takes(NAME, RpcParameter.required("dev_name", Type.STRING, "Block device").of(Kind.BDEV),
                RpcParameter.optional("readonly", Type.BOOLEAN, "Whether the guest may not write").initially("false"),
                RpcParameter.optional("packed_ring", Type.BOOLEAN, "Whether packed rings are offered").initially("false"))
            .relaxed()
            .saved()
            .with(Effect.made("vhost_delete_controller", "ctrlr"))
            .does(this::createBlk);
    }

    private Object createBlk(RpcCall call) throws StorageException {
        var options = new BlkDevice.Options(call.flag("readonly", false), call.flag("packed_ring", false));
        target.createBlk(call.string("ctrlr"), call.string("dev_name"), target.reactors(), options);
        return true;
    }

    private RpcMethod delete() {
        return RpcMethod.named("vhost_delete_controller", SCOPE, "controller-delete", "Deletes a controller; its front-end is cut off")
            .takes(NAME)
            .saved()
            .does(call -> {
                target.delete(call.string("ctrlr"));
                return true;
            });
    }

    private RpcMethod list() {
        return RpcMethod.named("vhost_get_controllers", SCOPE, "controller-list", "Lists controllers")
            .takes(RpcParameter.optional("name", Type.STRING, "Name of the one to show; all when left out"))
            .shows("NAME", "ctrlr").shows("SOCKET", "socket").shows("DEVICE", "backend_specific.block.bdev")
            .shows("READ ONLY", "backend_specific.block.readonly")
            .readOnly()
            .does(call -> {
                List<Controller> shown = call.has("name") ? List.of(target.controller(call.string("name"))) : target.controllers();
                return shown.stream().map(ControllerMethods::json).toList();
            });
    }

    private static Map<String, Object> json(Controller controller) {
        var map = new LinkedHashMap<String, Object>();
        map.put("ctrlr", controller.device().name());
        map.put("socket", controller.path().toString());
        if (controller.device() instanceof BlkDevice blk) {
            map.put("backend_specific", Map.of("block", Map.of("readonly", blk.isReadOnly(), "bdev", blk.bdev().name())));
        }
        return map;
    }

    /** The call that makes it again. */
    static Call saved(Controller controller) {
        BlkDevice blk = (BlkDevice) controller.device();
        return Call.of("vhost_create_blk_controller", "ctrlr", blk.name(), "dev_name", blk.bdev().name(),
            "readonly", blk.options().readOnly(), "packed_ring", blk.options().packed());
    }
}
