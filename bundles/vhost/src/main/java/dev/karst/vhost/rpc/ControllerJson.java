package dev.karst.vhost.rpc;

import dev.karst.reactor.Cpumask;
import dev.karst.rpc.ConfigSource.Call;
import dev.karst.vhost.Controller;
import dev.karst.scsi.ScsiDevice;
import dev.karst.vhost.VhostTarget;
import dev.karst.vhost.blk.BlkDevice;
import dev.karst.vhost.device.Coalescing;
import dev.karst.vhost.device.Device;
import dev.karst.vhost.scsi.ScsiHost;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Controllers as plain values, in SPDK's words and order. */
final class ControllerJson {
    private ControllerJson() {}

    static Map<String, Object> of(Controller controller) {
        Coalescing coalescing = controller.device().coalescing();
        String name = controller.device().name();
        var map = new LinkedHashMap<String, Object>();
        map.put("ctrlr", name);
        map.put("cpumask", Cpumask.of(controller.device().reactors()));
        map.put("delay_base_us", coalescing.delayBaseUs());
        map.put("iops_threshold", coalescing.iopsThreshold());
        map.put("socket", controller.path().toString());
        map.put("sessions", controller.isConnected() ? List.of(Map.of("name", name + "s0")) : List.of());
        map.put("backend_specific", switch (controller.device()) {
            case BlkDevice blk -> Map.of("block", Map.of("readonly", blk.isReadOnly(), "bdev", blk.bdev().name()));
            case ScsiHost scsi -> Map.of("scsi", scsi.targets().stream().map(ControllerJson::target).toList());
            default -> Map.of();
        });
        return map;
    }

    private static Map<String, Object> target(ScsiHost.Shown target) {
        var map = new LinkedHashMap<String, Object>();
        map.put("scsi_dev_num", (long) target.number());
        map.put("id", (long) target.device().id());
        map.put("target_name", "Target " + target.number());
        map.put("luns", target.device().units().stream().map(ControllerJson::unit).toList());
        return map;
    }

    private static Map<String, Object> unit(ScsiDevice.Unit unit) {
        var map = new LinkedHashMap<String, Object>();
        map.put("id", (long) unit.lun());
        map.put("bdev_name", unit.bdev());
        return map;
    }

    /** The calls that make it again. */
    static List<Call> saved(VhostTarget target, BlkDevice device) {
        List<Call> calls = new ArrayList<>();
        Call create = Call.of("vhost_create_blk_controller", "ctrlr", device.name(), "dev_name", device.bdev().name(),
            "readonly", device.options().readOnly(), "packed_ring", device.options().packed());
        return finish(target, device, calls, create);
    }

    /** The same for a host; it listens at once when it is made again. */
    static List<Call> saved(VhostTarget target, ScsiHost host) {
        List<Call> calls = new ArrayList<>();
        finish(target, host, calls, Call.of("vhost_create_scsi_controller", "ctrlr", host.name()));
        for (ScsiHost.Shown shown : host.targets()) {
            calls.add(Call.of("vhost_scsi_controller_add_target", "ctrlr", host.name(), "scsi_target_num", (long) shown.number(),
                "bdev_name", shown.bdev()));
        }
        return calls;
    }

    private static List<Call> finish(VhostTarget target, Device device, List<Call> calls, Call create) {
        if (device.reactors().size() < target.reactors().size()) {
            create.parameters().put("cpumask", Cpumask.of(device.reactors()));
        }
        calls.add(create);
        Coalescing coalescing = device.coalescing();
        if (!coalescing.equals(Coalescing.NONE)) {
            calls.add(Call.of("vhost_controller_set_coalescing", "ctrlr", device.name(), "delay_base_us", coalescing.delayBaseUs(),
                "iops_threshold", coalescing.iopsThreshold()));
        }
        return calls;
    }
}
