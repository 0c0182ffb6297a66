package dev.karst.vhost.rpc;

import dev.karst.reactor.Cpumask;
import dev.karst.rpc.ConfigSource.Call;
import dev.karst.vhost.Controller;
import dev.karst.vhost.VhostTarget;
import dev.karst.vhost.blk.BlkDevice;
import dev.karst.vhost.device.Coalescing;
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
        if (controller.device() instanceof BlkDevice blk) {
            map.put("backend_specific", Map.of("block", Map.of("readonly", blk.isReadOnly(), "bdev", blk.bdev().name())));
        }
        return map;
    }

    /** The calls that make it again. */
    static List<Call> saved(VhostTarget target, BlkDevice device) {
        List<Call> calls = new ArrayList<>();
        Call create = Call.of("vhost_create_blk_controller", "ctrlr", device.name(), "dev_name", device.bdev().name(),
            "readonly", device.options().readOnly(), "packed_ring", device.options().packed());
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
