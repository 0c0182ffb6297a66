package dev.karst.vhost.rpc;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.reactor.Cpumask;
import dev.karst.reactor.Reactor;
import dev.karst.rpc.Effect;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcError;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Kind;
import dev.karst.rpc.RpcParameter.Type;
import dev.karst.vhost.Controller;
import dev.karst.vhost.VhostTarget;
import dev.karst.vhost.blk.BlkDevice;
import dev.karst.vhost.device.Coalescing;
import java.util.List;
import java.util.Map;

/** The methods about controllers. */
final class ControllerMethods {
    static final String SCOPE = "vhost";
    static final RpcParameter NAME =
        RpcParameter.required("ctrlr", Type.STRING, "Name of the controller").of(Kind.VHOST_CONTROLLER);
    static final RpcParameter CPUMASK = RpcParameter.optional("cpumask", Type.STRING,
        "Processors of the reactors that its queues belong to, such as 0x3 or [0,2-4]; all when left out");
    private static final long MEMORY_MB = 1024;

    private final VhostTarget target;

    ControllerMethods(VhostTarget target) {
        this.target = target;
    }

    List<RpcMethod> methods() {
        return List.of(createBlk(), delete(), list(), setCoalescing(), qemuOptions());
    }

    /** SPDK says of whatever does not succeed here that the parameters are wrong. */
    static RpcMethod.Handler orInvalid(RpcMethod.Handler handler) {
        return call -> {
            try {
                return handler.call(call);
            } catch (StorageException e) {
                throw new StorageException(RpcError.INVALID_PARAMS, e.getMessage(), e);
            }
        };
    }

    private RpcMethod createBlk() {
        return RpcMethod.named("vhost_create_blk_controller", SCOPE, "blk-create", "Serves a block device to a virtual machine as virtio-blk")
            .takes(RpcParameter.required("ctrlr", Type.STRING, "Name of the controller, and of its socket"),
                RpcParameter.required("dev_name", Type.STRING, "Block device").of(Kind.BDEV),
                RpcParameter.optional("readonly", Type.BOOLEAN, "Whether the guest may not write").initially("false"),
                RpcParameter.optional("packed_ring", Type.BOOLEAN, "Whether packed rings are offered").initially("false"),
                CPUMASK,
                RpcParameter.optional("transport", Type.STRING, "Way to the device").initially(TransportMethods.VHOST_USER_BLK)
                    .passing())
            .relaxed()
            .saved()
            .with(Effect.made("vhost_delete_controller", "ctrlr"))
            .does(orInvalid(this::createBlk));
    }

    private Object createBlk(RpcCall call) throws StorageException {
        var options = new BlkDevice.Options(call.flag("readonly", false), call.flag("packed_ring", false));
        TransportMethods.check(call.string("transport", TransportMethods.VHOST_USER_BLK));
        List<Reactor> on = reactors(target, call);
        target.createBlk(call.string("ctrlr"), call.string("dev_name"), on, options);
        call.settle("cpumask", on.size() < target.reactors().size() ? Cpumask.of(on) : null);
        return true;
    }

    /** The reactors that {@code cpumask} names; all without it. */
    static List<Reactor> reactors(VhostTarget target, RpcCall call) throws StorageException {
        if (!call.has("cpumask")) {
            return target.reactors();
        }
        List<Reactor> named = Cpumask.among(target.reactors(), call.string("cpumask"));
        if (named.isEmpty()) {
            throw StorageException.failure(Errno.EINVAL, "cpumask is " + call.string("cpumask") + ", which names no reactor of "
                + Cpumask.of(target.reactors()));
        }
        return named;
    }

    private RpcMethod delete() {
        return RpcMethod.named("vhost_delete_controller", SCOPE, "controller-delete", "Deletes a controller; its front-end is cut off")
            .takes(NAME)
            .saved()
            .does(orInvalid(call -> {
                target.delete(call.string("ctrlr"));
                return true;
            }));
    }

    private RpcMethod list() {
        return RpcMethod.named("vhost_get_controllers", SCOPE, "controller-list", "Lists controllers")
            .takes(RpcParameter.optional("name", Type.STRING, "Name of the one to show; all when left out").of(Kind.VHOST_CONTROLLER))
            .shows("NAME", "ctrlr").shows("DEVICE", "backend_specific.block.bdev").shows("READ ONLY", "backend_specific.block.readonly")
            .shows("TARGETS", "backend_specific.scsi.target_name")
            .shows("CPUMASK", "cpumask").shows("SOCKET", "socket").shows("FRONT-END", "sessions.name")
            .readOnly()
            .does(call -> {
                try {
                    List<Controller> shown = call.has("name") ? List.of(target.controller(call.string("name"))) : target.controllers();
                    return shown.stream().map(ControllerJson::of).toList();
                } catch (StorageException e) {
                    throw new StorageException(RpcError.INTERNAL_ERROR, e.getMessage(), e);
                }
            });
    }

    private RpcMethod setCoalescing() {
        return RpcMethod.named("vhost_controller_set_coalescing", SCOPE, "controller-set-coalescing",
                "Sets how long a guest may wait to be told of ended requests while there are many")
            .takes(NAME,
                RpcParameter.required("delay_base_us", Type.U32, "Microseconds at twice the threshold; 0 to tell at once"),
                RpcParameter.required("iops_threshold", Type.U32, "Requests of a queue in a second from which on it waits"))
            .saved()
            .with(Effect.set("vhost_controller_set_coalescing", Map.of("delay_base_us", Coalescing.NONE.delayBaseUs(),
                "iops_threshold", Coalescing.NONE.iopsThreshold()), "ctrlr"))
            .does(orInvalid(this::setCoalescing));
    }

    private Object setCoalescing(RpcCall call) throws StorageException {
        var coalescing = new Coalescing(call.number("delay_base_us"), call.number("iops_threshold"));
        if (coalescing.delayBaseUs() > Coalescing.MOST_DELAY_US || coalescing.iopsThreshold() < Coalescing.LEAST_IOPS) {
            throw StorageException.failure(Errno.EINVAL, "delay_base_us goes up to " + Coalescing.MOST_DELAY_US
                + ", iops_threshold begins at " + Coalescing.LEAST_IOPS);
        }
        target.controller(call.string("ctrlr")).device().coalescing(coalescing);
        return true;
    }

    private RpcMethod qemuOptions() {
        return RpcMethod.named("karst_vhost_get_qemu_options", SCOPE, "qemu-options", "Says what QEMU has to be told to use a controller")
            .takes(NAME, RpcParameter.optional("memory_mb", Type.U32, "Memory of the guest in MiB").initially(Long.toString(MEMORY_MB)))
            .readOnly()
            .does(call -> {
                Controller controller = target.controller(call.string("ctrlr"));
                return QemuOptions.of(controller, call.number("memory_mb", MEMORY_MB));
            });
    }
}
