package dev.karst.nvme.core.show;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.nvme.AdminCommand;
import dev.karst.nvme.Command;
import dev.karst.nvme.NvmeController;
import dev.karst.nvme.NvmeDriver;
import dev.karst.nvme.NvmeNamespace;
import dev.karst.nvme.core.identify.Admin;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcMethods;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Type;
import dev.karst.spec.nvme.GetLogPageCommand;
import dev.karst.spec.nvme.IdentifyCommand;
import dev.karst.spec.nvme.log.HealthLog;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Shows the controllers that the driver has, whatever uses them. */
@Component(service = RpcMethods.class)
public final class DriverMethods implements RpcMethods {
    private static final String SCOPE = "nvme";
    private static final long MOST_LOG_BYTES = 1 << 20;
    private static final RpcParameter CONTROLLER = RpcParameter.required("controller", Type.STRING,
        "The controller: its transport ID, or the address or NQN in it where that is enough, as nvme:list shows it");

    private final NvmeDriver driver;

    @Activate
    public DriverMethods(@Reference NvmeDriver driver) {
        this.driver = driver;
    }

    @Override
    public List<RpcMethod> methods() {
        return List.of(
            RpcMethod.named("karst_nvme_get_namespaces", SCOPE, "list", "Lists the controllers that are attached, with their namespaces")
                .shows("controller", "address").shows("state", "state").shows("model", "model_number").shows("serial", "serial_number")
                .shows("firmware", "firmware_revision").shows("nsid", "nsid").shows("blocks", "blocks").shows("block", "block_size")
                .shows("metadata", "metadata_size").shows("ana", "ana_state")
                .readOnly()
                .does(call -> list()),
            RpcMethod.named("karst_nvme_identify", SCOPE, "identify", "Shows what a controller or a namespace says of itself")
                .takes(CONTROLLER, RpcParameter.optional("nsid", Type.U32, "The namespace; without it, the controller"))
                .readOnly()
                .does(this::identify),
            RpcMethod.named("karst_nvme_get_health", SCOPE, "smart", "Shows how a controller is: its SMART log page")
                .takes(CONTROLLER)
                .readOnly()
                .does(this::health),
            RpcMethod.named("karst_nvme_get_log", SCOPE, "log", "Shows a log page, in hexadecimal, 16 bytes a line")
                .takes(
                    CONTROLLER, RpcParameter.required("page", Type.U16, "The log page: 1 errors, 2 health, 3 firmware, 5 effects, 12 ANA"),
                    RpcParameter.optional("bytes", Type.U32, "How much of it, a multiple of 4").initially("512"))
                .readOnly()
                .does(this::log),
            RpcMethod.named("karst_nvme_reset", SCOPE, "reset", "Resets a controller; commands in flight are repeated by whoever gave them")
                .takes(CONTROLLER)
                .does(call -> {
                    controller(call).reset();
                    return true;
                }));
    }

    private List<Map<String, Object>> list() {
        List<Map<String, Object>> rows = new ArrayList<>();
        for (NvmeController controller : driver.controllers()) {
            List<NvmeNamespace> namespaces = controller.namespaces();
            namespaces.forEach(namespace -> rows.add(row(controller, namespace)));
            if (namespaces.isEmpty()) {
                rows.add(row(controller));
            }
        }
        return rows;
    }

    private static Map<String, Object> row(NvmeController controller) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("trid", controller.id().toString());
        row.put("address", controller.id().address() + (controller.id().service().isEmpty() ? "" : ":" + controller.id().service()));
        row.put("state", controller.state().name().toLowerCase(Locale.ROOT));
        row.put("model_number", controller.data().modelNumber());
        row.put("serial_number", controller.data().serialNumber());
        row.put("firmware_revision", controller.data().firmwareRevision());
        return row;
    }

    private static Map<String, Object> row(NvmeController controller, NvmeNamespace namespace) {
        Map<String, Object> row = row(controller);
        row.put("nsid", (long) namespace.nsid());
        row.put("blocks", namespace.blocks());
        row.put("block_size", (long) namespace.format().blockSize());
        row.put("metadata_size", (long) namespace.format().metadataBytes());
        row.put("ana_state", namespace.ana().name().toLowerCase(Locale.ROOT));
        return row;
    }

    private Object identify(RpcCall call) throws StorageException {
        NvmeController controller = controller(call);
        if (!call.has("nsid")) {
            return Figures.CONTROLLER.show(controller.data().identify());
        }
        Command command = AdminCommand.identify((int) call.number("nsid"), IdentifyCommand.CNS_NAMESPACE);
        return Figures.NAMESPACE.show(controller.admin(command).data());
    }

    private Object health(RpcCall call) throws StorageException {
        Command command = Admin.logPage(GetLogPageCommand.LID_HEALTH, 0, HealthLog.BYTES);
        return Figures.HEALTH.show(controller(call).admin(command).data());
    }

    private Object log(RpcCall call) throws StorageException {
        long bytes = call.number("bytes", 512);
        if (bytes < 4 || bytes % 4 != 0 || bytes > MOST_LOG_BYTES) {
            throw StorageException.errno(Errno.EINVAL,
                Errno.text(Errno.EINVAL) + ": bytes is " + bytes + ", and must be a multiple of 4 up to " + MOST_LOG_BYTES);
        }
        byte[] page = controller(call).admin(Admin.logPage((int) call.number("page") & 0xff, 0, (int) bytes)).data();
        Map<String, Object> lines = new LinkedHashMap<>();
        for (int at = 0; at < page.length; at += 16) {
            lines.put(String.format("%04x", at), HexFormat.of().formatHex(page, at, Math.min(page.length, at + 16)));
        }
        return lines;
    }

    private NvmeController controller(RpcCall call) throws StorageException {
        String name = call.string("controller");
        List<NvmeController> meant = driver.controllers().stream().filter(controller -> isMeant(controller, name)).toList();
        if (meant.size() != 1) {
            throw StorageException.errno(Errno.ENODEV, Errno.text(Errno.ENODEV) + ": "
                + (meant.isEmpty() ? "no controller is " : meant.size() + " controllers are ") + name + "; nvme:list shows those that are attached");
        }
        return meant.getFirst();
    }

    private static boolean isMeant(NvmeController controller, String name) {
        var id = controller.id();
        return id.toString().equals(name) || id.address().equals(name) || (id.address() + ":" + id.service()).equals(name)
            || id.subsystem().equals(name);
    }
}
