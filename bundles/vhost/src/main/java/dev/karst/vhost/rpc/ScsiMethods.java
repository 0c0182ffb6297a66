package dev.karst.vhost.rpc;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.reactor.Cpumask;
import dev.karst.reactor.Reactor;
import dev.karst.rpc.Effect;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Kind;
import dev.karst.rpc.RpcParameter.Type;
import dev.karst.vhost.VhostTarget;
import dev.karst.vhost.scsi.ScsiHost;
import java.util.List;

/** The methods about virtio-scsi controllers. */
final class ScsiMethods {
    private static final String REMOVE = "vhost_scsi_controller_remove_target";
    private static final RpcParameter NUMBER =
        RpcParameter.required("scsi_target_num", Type.U32, "Number of the target, 0 to " + (ScsiHost.TARGETS - 1));

    private final VhostTarget target;

    ScsiMethods(VhostTarget target) {
        this.target = target;
    }

    List<RpcMethod> methods() {
        return List.of(create(), start(), addTarget(), removeTarget());
    }

    private RpcMethod create() {
        return RpcMethod.named("vhost_create_scsi_controller", ControllerMethods.SCOPE, "scsi-create",
                "Makes a virtio-scsi controller for a virtual machine, without targets")
            .takes(RpcParameter.required("ctrlr", Type.STRING, "Name of the controller, and of its socket"),
                ControllerMethods.CPUMASK,
                RpcParameter.optional("delay", Type.BOOLEAN, "Whether to listen only from vhost_start_scsi_controller on")
                    .initially("false").passing())
            .saved()
            .with(Effect.made("vhost_delete_controller", "ctrlr"))
            .does(ControllerMethods.orInvalid(this::create));
    }

    private Object create(RpcCall call) throws StorageException {
        List<Reactor> on = ControllerMethods.reactors(target, call);
        target.createScsi(call.string("ctrlr"), on, !call.flag("delay", false));
        call.settle("cpumask", on.size() < target.reactors().size() ? Cpumask.of(on) : null);
        return true;
    }

    private RpcMethod start() {
        return RpcMethod.named("vhost_start_scsi_controller", ControllerMethods.SCOPE, "scsi-start",
                "Lets a virtio-scsi controller listen that was made with delay")
            .takes(ControllerMethods.NAME)
            .does(ControllerMethods.orInvalid(call -> {
                target.start(call.string("ctrlr"));
                return true;
            }));
    }

    private ScsiHost host(RpcCall call) throws StorageException {
        String name = call.string("ctrlr");
        if (target.controller(name).device() instanceof ScsiHost host) {
            return host;
        }
        throw StorageException.failure(Errno.EINVAL, "the controller " + name + " is not a virtio-scsi one");
    }

    private RpcMethod addTarget() {
        return RpcMethod.named("vhost_scsi_controller_add_target", ControllerMethods.SCOPE, "scsi-target-add",
                "Adds a block device to a virtio-scsi controller as logical unit 0 of a target; a guest is told")
            .takes(ControllerMethods.NAME,
                RpcParameter.required("scsi_target_num", Type.I32,
                    "Number of the target, 0 to " + (ScsiHost.TARGETS - 1) + "; -1 for the lowest that is free"),
                RpcParameter.required("bdev_name", Type.STRING, "Block device").of(Kind.BDEV))
            .saved()
            .with(Effect.made(REMOVE, "ctrlr", "scsi_target_num"))
            .does(ControllerMethods.orInvalid(call -> {
                long number = host(call).add((int) call.number("scsi_target_num"), call.string("bdev_name"));
                call.settle("scsi_target_num", number);
                return number;
            }));
    }

    private RpcMethod removeTarget() {
        return RpcMethod.named(REMOVE, ControllerMethods.SCOPE, "scsi-target-remove",
                "Takes a target from a virtio-scsi controller; what is in flight ends first, and a guest is told")
            .takes(ControllerMethods.NAME, NUMBER)
            .saved()
            .does(ControllerMethods.orInvalid(call -> {
                host(call).remove((int) Math.min(call.number("scsi_target_num"), ScsiHost.TARGETS));
                return true;
            }));
    }
}
