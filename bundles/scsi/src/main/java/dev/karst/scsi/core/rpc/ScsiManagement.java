package dev.karst.scsi.core.rpc;

import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcMethods;
import dev.karst.scsi.ScsiDevice;
import dev.karst.scsi.ScsiDevices;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** SPDK's one method for SCSI devices: transports make them, and have methods of their own. */
@Component(immediate = true, service = RpcMethods.class)
public final class ScsiManagement implements RpcMethods {
    private final List<RpcMethod> methods;

    @Activate
    public ScsiManagement(@Reference ScsiDevices devices) {
        methods = List.of(RpcMethod.named("scsi_get_devices", "scsi", "device-list", "Lists the SCSI devices")
            .shows("ID", "id").shows("NAME", "device_name")
            .readOnly()
            .does(_ -> devices.devices().stream().map(ScsiManagement::json).toList()));
    }

    private static Map<String, Object> json(ScsiDevice device) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", (long) device.id());
        json.put("device_name", device.name());
        return json;
    }

    @Override
    public List<RpcMethod> methods() {
        return methods;
    }
}
