package dev.karst.bdev.nvme.control;

import dev.karst.bdev.nvme.io.Multipath;
import dev.karst.bdev.nvme.io.Multipath.Policy;
import dev.karst.bdev.nvme.io.NamespacePath;
import dev.karst.nvme.ControllerData;
import dev.karst.nvme.NvmeController;
import dev.karst.nvme.TransportId;
import dev.karst.spec.nvme.IdentifyController;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a device of a namespace says of itself, in SPDK's shape. */
public final class NamespaceDescription {
    private static final int OACS_SECURITY = 1;
    private static final int OACS_FORMAT = 1 << 1;
    private static final int OACS_FIRMWARE = 1 << 2;
    private static final int OACS_NAMESPACES = 1 << 3;
    private static final int CMIC_CONTROLLERS = 1 << 1;

    private NamespaceDescription() {}

    static Map<String, Object> of(Multipath multipath) {
        List<Object> paths = new ArrayList<>();
        for (NamespacePath path : multipath.paths()) {
            NvmeController controller = path.controller().controller();
            if (controller != null) {
                paths.add(path(path, controller));
            }
        }
        Policy policy = multipath.policy();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("nvme", paths);
        json.put("mp_policy", policy.active() ? "active_active" : "active_passive");
        if (policy.active()) {
            json.put("selector", policy.selector().name().toLowerCase(Locale.ROOT));
            if (policy.minIo() > 1) {
                json.put("rr_min_io", (long) policy.minIo());
            }
        }
        return json;
    }

    /** Where a controller is. */
    public static Map<String, Object> trid(TransportId id) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("trtype", id.type().equals("PCIE") ? "PCIe" : id.type());
        put(json, "adrfam", id.family());
        put(json, "traddr", id.address());
        put(json, "trsvcid", id.service());
        put(json, "subnqn", id.subsystem());
        return json;
    }

    private static void put(Map<String, Object> json, String key, String value) {
        if (!value.isEmpty()) {
            json.put(key, value);
        }
    }

    private static Map<String, Object> path(NamespacePath path, NvmeController controller) {
        Map<String, Object> json = new LinkedHashMap<>();
        ControllerData data = controller.data();
        if (path.id().type().equals("PCIE")) {
            json.put("pci_address", path.id().address());
        }
        json.put("trid", trid(path.id()));
        json.put("ctrlr_data", controllerData(data));
        json.put("vs", Map.of("nvme_version", version(data.version())));
        Map<String, Object> namespace = new LinkedHashMap<>();
        namespace.put("id", (long) path.nsid());
        if (data.ana().reported()) {
            namespace.put("ana_state", path.ana().name().toLowerCase(Locale.ROOT));
        }
        namespace.put("can_share", controller.namespace(path.nsid()).map(known -> known.limits().shared()).orElse(false));
        json.put("ns_data", namespace);
        return json;
    }

    private static Map<String, Object> controllerData(ControllerData data) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("cntlid", (long) data.controllerId());
        int vendor = IdentifyController.VID.offset();
        json.put("vendor_id", String.format("0x%04x", data.identify()[vendor] & 0xff | (data.identify()[vendor + 1] & 0xff) << 8));
        json.put("model_number", data.modelNumber());
        json.put("serial_number", data.serialNumber());
        json.put("firmware_revision", data.firmwareRevision());
        put(json, "subnqn", data.subsystem());
        int commands = data.limits().adminCommands();
        Map<String, Object> admin = new LinkedHashMap<>();
        admin.put("security", bit(commands, OACS_SECURITY));
        admin.put("format", bit(commands, OACS_FORMAT));
        admin.put("firmware", bit(commands, OACS_FIRMWARE));
        admin.put("ns_manage", bit(commands, OACS_NAMESPACES));
        json.put("oacs", admin);
        json.put("multi_ctrlr", (data.identify()[IdentifyController.CMIC.offset()] & CMIC_CONTROLLERS) != 0);
        json.put("ana_reporting", data.ana().reported());
        return json;
    }

    private static long bit(int bits, int mask) {
        return (bits & mask) != 0 ? 1 : 0;
    }

    /** VS: major, minor, tertiary. */
    private static String version(int version) {
        int tertiary = version & 0xff;
        String text = (version >>> 16) + "." + (version >>> 8 & 0xff);
        return tertiary == 0 ? text : text + "." + tertiary;
    }
}
