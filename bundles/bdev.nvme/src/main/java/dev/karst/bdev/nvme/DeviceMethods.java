package dev.karst.bdev.nvme;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.nvme.control.AttachedController;
import dev.karst.nvme.Command;
import dev.karst.nvme.NvmeController;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Kind;
import dev.karst.rpc.RpcParameter.Type;
import dev.karst.spec.nvme.GetLogPageCommand;
import dev.karst.spec.nvme.Opcode;
import dev.karst.spec.nvme.Sqe;
import dev.karst.spec.nvme.log.HealthLog;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What controllers say of themselves. */
final class DeviceMethods {
    private static final int KELVIN = 273;
    private static final int MOST_FIRMWARE = 64 << 20;
    private static final int CHUNK = 4096;
    /** Commit action 1: replaces the image of the slot that the controller chooses, and activates it at the next reset. */
    private static final int REPLACE_AND_ACTIVATE = 1 << 3;

    private final NvmeModule module;

    DeviceMethods(NvmeModule module) {
        this.module = module;
    }

    List<RpcMethod> methods() {
        return List.of(health(), new RawCommands(module).send(), applyFirmware());
    }

    private RpcMethod health() {
        return RpcMethod.named("bdev_nvme_get_controller_health_info", "bdev", "nvme-health", "Shows the health log of an NVMe controller")
            .takes(ControllerMethods.NAME).readOnly()
            .does(this::health);
    }

    private Object health(RpcCall call) throws StorageException {
        AttachedController attached = module.controllers().named(call.string("name"), -1).getFirst();
        NvmeController controller = connected(attached);
        Command read = Command.logPage((int) Sqe.NSID_ALL, GetLogPageCommand.LID_HEALTH, 0, 0, HealthLog.BYTES);
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

    private RpcMethod applyFirmware() {
        return RpcMethod.named("bdev_nvme_apply_firmware", "bdev", "nvme-firmware",
                "Loads firmware into the controller of a device, commits it and resets the controller")
            .takes(RpcParameter.required("filename", Type.STRING, "File with the firmware").of(Kind.FILE),
                RpcParameter.required("bdev_name", Type.STRING, "Name of the block device").of(Kind.BDEV))
            .by(RpcMethod.Role.ADMIN)
            .does(this::applyFirmware);
    }

    private Object applyFirmware(RpcCall call) throws StorageException {
        String bdev = call.string("bdev_name");
        NvmeController controller = module.controllers().look(groups -> groups.stream().flatMap(group -> group.bdevs().values().stream())
            .filter(each -> each.geometry().name().equals(bdev)).findFirst()
            .map(each -> each.multipath().paths().getFirst().controller().controller())
            .orElseThrow(() -> StorageException.errno(Errno.ENODEV, Errno.text(Errno.ENODEV))));
        byte[] image = module.host().environment().files().read(Path.of(call.string("filename")), MOST_FIRMWARE);
        if (image.length == 0 || image.length % Integer.BYTES != 0) {
            throw StorageException.failure(
                Errno.EINVAL, call.string("filename") + " has " + image.length + " bytes, not a multiple of 4");
        }
        for (int at = 0; at < image.length; at += CHUNK) {
            byte[] chunk = Arrays.copyOfRange(image, at, Math.min(image.length, at + CHUNK));
            controller.admin(Command.of(Opcode.ADMIN_FIRMWARE_DOWNLOAD, 0)
                .with(chunk.length / Integer.BYTES - 1, at / Integer.BYTES).sending(chunk));
        }
        controller.admin(Command.of(Opcode.ADMIN_FIRMWARE_COMMIT, 0).with(REPLACE_AND_ACTIVATE, 0));
        controller.reset();
        return "firmware commit successful. Resetting controller ..";
    }

    /** @throws StorageException ENOTCONN when it is not attached at the moment */
    static NvmeController connected(AttachedController attached) throws StorageException {
        if (attached.controller() == null) {
            throw StorageException.failure(
                Errno.ENOTCONN, attached.attachment().id() + " is not attached at the moment; wait until it is back");
        }
        return attached.controller();
    }
}
