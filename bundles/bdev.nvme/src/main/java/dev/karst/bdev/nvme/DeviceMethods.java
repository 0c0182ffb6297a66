package dev.karst.bdev.nvme;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.module.Creation;
import dev.karst.bdev.nvme.control.AttachedController;
import dev.karst.nvme.Command;
import dev.karst.nvme.NvmeController;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcMethod;
import dev.karst.spec.nvme.GetLogPageCommand;
import dev.karst.spec.nvme.Opcode;
import dev.karst.spec.nvme.Sqe;
import dev.karst.spec.nvme.log.HealthLog;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What controllers say of themselves. */
final class DeviceMethods {
    private static final int KELVIN = 273;

    private final NvmeModule module;

    DeviceMethods(NvmeModule module) {
        this.module = module;
    }

    List<RpcMethod> methods() {
        return List.of(health());
    }

    private RpcMethod health() {
        return RpcMethod.named("bdev_nvme_get_controller_health_info", "bdev", "nvme-health", "Shows the health log of an NVMe controller")
            .takes(ControllerMethods.NAME).readOnly()
            .does(this::health);
    }

    private Object health(RpcCall call) throws StorageException {
        AttachedController attached = module.controllers().named(call.string("name"), -1).getFirst();
        NvmeController controller = connected(attached);
        Command read = Command.of(Opcode.ADMIN_GET_LOG_PAGE, (int) Sqe.NSID_ALL)
            .with(GetLogPageCommand.LID_HEALTH | (HealthLog.BYTES / Integer.BYTES - 1) << 16, 0).receiving(HealthLog.BYTES);
        ByteBuffer log = ByteBuffer.wrap(controller.admin(read).data()).order(ByteOrder.LITTLE_ENDIAN);
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("model_number", controller.data().modelNumber());
        json.put("serial_number", controller.data().serialNumber());
        json.put("firmware_revision", controller.data().firmwareRevision());
        json.put("traddr", controller.id().address());
        json.put("critical_warning", log.get(HealthLog.CW.offset()) & 0xffL);
        json.put("temperature_celsius", (log.getShort(HealthLog.CTEMP.offset()) & 0xffffL) - KELVIN);
        json.put("available_spare_percentage", log.get(HealthLog.AVSP.offset()) & 0xffL);
        json.put("available_spare_threshold_percentage", log.get(HealthLog.AVSPT.offset()) & 0xffL);
        json.put("percentage_used", log.get(HealthLog.PUSED.offset()) & 0xffL);
        counts(json, log);
        json.put("warning_temperature_time_minutes", log.getInt(HealthLog.WCTT.offset()) & 0xffff_ffffL);
        json.put("critical_composite_temperature_time_minutes", log.getInt(HealthLog.CCTT.offset()) & 0xffff_ffffL);
        return json;
    }

    /** Counters have 16 bytes, and no device reaches the upper half. */
    private static void counts(Map<String, Object> json, ByteBuffer log) {
        json.put("data_units_read", log.getLong(HealthLog.DUR.offset()));
        json.put("data_units_written", log.getLong(HealthLog.DUW.offset()));
        json.put("host_read_commands", log.getLong(HealthLog.HRC.offset()));
        json.put("host_write_commands", log.getLong(HealthLog.HWC.offset()));
        json.put("controller_busy_time", log.getLong(HealthLog.CBT.offset()));
        json.put("power_cycles", log.getLong(HealthLog.PWRC.offset()));
        json.put("power_on_hours", log.getLong(HealthLog.POH.offset()));
        json.put("unsafe_shutdowns", log.getLong(HealthLog.UPL.offset()));
        json.put("media_errors", log.getLong(HealthLog.MDIE.offset()));
        json.put("num_err_log_entries", log.getLong(HealthLog.NEILE.offset()));
    }

    /** @throws StorageException ENOTCONN when it is not attached at the moment */
    static NvmeController connected(AttachedController attached) throws StorageException {
        if (attached.controller() == null) {
            throw Creation.failure(Errno.ENOTCONN, attached.attachment().id() + " is not attached at the moment; wait until it is back");
        }
        return attached.controller();
    }
}
