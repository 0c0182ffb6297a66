package dev.karst.env.linux;

import dev.karst.base.StorageException;
import dev.karst.env.PciFunction;
import dev.karst.env.linux.pci.LinuxPci;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Type;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Methods about PCI functions. SPDK has a script beside it for them. */
final class PciMethods {
    private static final String SCOPE = "nvme";

    private final LinuxPci pci;

    PciMethods(LinuxPci pci) {
        this.pci = pci;
    }

    List<RpcMethod> methods() {
        return List.of(
            RpcMethod.named("karst_pci_get_functions", SCOPE, "pci-list", "Lists NVMe controllers on the machine's bus and who has them")
                .takes(RpcParameter.optional("all", Type.BOOLEAN, "Lists all other PCI functions too").initially("false"))
                .shows("address", "address").shows("vendor", "vendor").shows("device", "device").shows("class", "class")
                .shows("driver", "driver").shows("group", "iommu_group").shows("node", "numa_node").shows("held", "held")
                .readOnly()
                .does(this::list),
            RpcMethod.named("karst_pci_bind", SCOPE, "pci-bind",
                    "Gives a PCI function to another kernel driver, unless something uses a block device of it")
                .takes(
                    RpcParameter.required("address", Type.STRING, "The function, as nvme:pci-list shows it"),
                    RpcParameter.optional("driver", Type.STRING,
                        "vfio-pci to drive it from here, none for no driver, which does where there is no IOMMU, or any other; "
                            + "empty for the kernel's own choice").initially("vfio-pci"))
                .by(RpcMethod.Role.ADMIN)
                .does(call -> {
                    pci.bind(call.string("address"), call.string("driver", "vfio-pci"));
                    return true;
                }));
    }

    private Object list(RpcCall call) throws StorageException {
        boolean all = call.flag("all", false);
        return pci.functions().stream().filter(function -> all || function.classCode() == PciFunction.NVME).map(this::show).toList();
    }

    private Map<String, Object> show(PciFunction function) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("address", function.address());
        shown.put("vendor", hex(function.vendor(), 4));
        shown.put("device", hex(function.device(), 4));
        shown.put("subsystem_vendor", hex(function.subsystemVendor(), 4));
        shown.put("subsystem_device", hex(function.subsystemDevice(), 4));
        shown.put("class", hex(function.classCode(), 6));
        shown.put("driver", function.driver());
        shown.put("iommu_group", (long) function.iommuGroup());
        shown.put("numa_node", (long) function.numaNode());
        shown.put("held", pci.holder(function).orElse(""));
        return shown;
    }

    private static String hex(int figure, int digits) {
        return String.format("%0" + digits + "x", figure);
    }
}
