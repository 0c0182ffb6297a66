package dev.karst.scsi.core.rpc;

import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcMethods;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Type;
import dev.karst.scsi.ScsiDevice;
import dev.karst.scsi.core.Device;
import dev.karst.scsi.core.Devices;
import dev.karst.scsi.core.model.LogicalUnit;
import dev.karst.scsi.core.reservation.NexusName;
import dev.karst.scsi.core.reservation.ReservationState;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * SPDK's one method for SCSI devices, and one more that tells who has reserved what. Transports make devices, and have methods of
 * their own.
 */
@Component(immediate = true, service = RpcMethods.class)
public final class ScsiManagement implements RpcMethods {
    private final List<RpcMethod> methods;

    @Activate
    public ScsiManagement(@Reference Devices devices) {
        methods = List.of(getDevices(devices), listUnits(devices));
    }

    private static RpcMethod getDevices(Devices devices) {
        return RpcMethod.named("scsi_get_devices", "scsi", "device-list", "Lists the SCSI devices")
            .shows("ID", "id").shows("NAME", "device_name")
            .readOnly()
            .does(_ -> devices.devices().stream().map(ScsiManagement::json).toList());
    }

    private static RpcMethod listUnits(Devices devices) {
        return RpcMethod.named("karst_scsi_list_units", "scsi", "unit-list", "Lists logical units and who has reserved them")
            .takes(RpcParameter.optional("device_name", Type.STRING, "Only those of this SCSI device"))
            .shows("DEVICE", "device_name").shows("LUN", "lun").shows("BDEV", "bdev_name").shows("RESERVATION", "reservation")
            .shows("HOLDER", "holder").shows("REGISTERED", "registrants")
            .readOnly()
            .does(call -> {
                List<Map<String, Object>> rows = new ArrayList<>();
                for (Device device : devices.all()) {
                    if (!call.has("device_name") || device.name().equals(call.string("device_name"))) {
                        device.logicalUnits().forEach(unit -> rows.add(json(device, unit)));
                    }
                }
                return rows;
            });
    }

    private static Map<String, Object> json(Device device, LogicalUnit unit) {
        ReservationState state = unit.reservations().state();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("device_name", device.name());
        json.put("lun", (long) unit.lun);
        json.put("bdev_name", unit.bdevName);
        json.put("uuid", unit.uuid().toString());
        json.put("reservation", state.exclusive() != null ? "reserve" : state.isReserved() ? state.type().word() : "none");
        NexusName holder = state.exclusive() != null ? state.exclusive() : state.holder();
        json.put("holder", holder == null ? "" : holder.readable());
        json.put("persistent", state.persistent());
        json.put("registrants", state.registrants().stream().map(one -> one.nexus().readable()).toList());
        return json;
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
