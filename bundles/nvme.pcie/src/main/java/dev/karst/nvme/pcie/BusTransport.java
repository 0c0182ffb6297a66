package dev.karst.nvme.pcie;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.env.Environment;
import dev.karst.env.Pci;
import dev.karst.env.PciDevice;
import dev.karst.env.PciFunction;
import dev.karst.nvme.TransportId;
import dev.karst.nvme.transport.NvmeTransport;
import dev.karst.nvme.transport.PciTransport;
import java.util.List;
import java.util.Set;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The controllers among the machine's PCI functions. */
@Component(service = NvmeTransport.class)
public final class BusTransport implements PciTransport {
    /** Where the kernel leaves functions to processes. */
    private static final Set<String> DRIVERS = Set.of("", "vfio-pci", "uio_pci_generic");

    private final Pci pci;

    /** Those of this environment. */
    @Activate
    public BusTransport(@Reference Environment environment) {
        this(environment.pci());
    }

    BusTransport(Pci pci) {
        this.pci = pci;
    }

    @Override
    public String type() {
        return "PCIE";
    }

    @Override
    public List<TransportId> probe() {
        return pci.functions().stream()
            .filter(function -> function.classCode() == PciFunction.NVME && DRIVERS.contains(function.driver()))
            .map(function -> TransportId.pcie(function.address())).toList();
    }

    /** Refuses with EINVAL what is no NVMe controller. */
    @Override
    public PciDevice open(TransportId id) throws StorageException {
        PciDevice device = pci.open(id.address());
        int classCode = pci.functions().stream()
            .filter(function -> function.address().equals(device.address())).mapToInt(PciFunction::classCode).findFirst().orElse(0);
        if (classCode != PciFunction.NVME) {
            device.close();
            throw StorageException.errno(Errno.EINVAL,
                "cannot attach " + id.address() + ": it is no NVMe controller, its class is " + String.format("%06x", classCode));
        }
        return device;
    }
}
