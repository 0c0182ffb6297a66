package dev.karst.env.sim;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.env.Pci;
import dev.karst.env.PciDevice;
import dev.karst.env.PciFunction;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The PCI functions of a simulated machine: models that a test plugs in, and may pull out again at any time. */
public final class SimPci implements Pci {
    private final Map<String, SimPciDevice> devices = new TreeMap<>();
    private final Map<String, String> drivers = new TreeMap<>();
    private final Set<SimPciDevice> seen = new LinkedHashSet<>();

    private final SimSchedule schedule;

    SimPci(SimSchedule schedule) {
        this.schedule = schedule;
    }

    /** Puts the device into its slot; it is bound to {@code vfio-pci}. */
    public void plug(SimPciDevice device) {
        if (devices.putIfAbsent(device.address(), device) != null) {
            throw new IllegalArgumentException("there is a device at " + device.address());
        }
        drivers.put(device.address(), "vfio-pci");
        if (seen.add(device)) {
            schedule.watch(device::lookAround);
        }
    }

    /** Pulls the device out, whoever uses it. */
    public void unplug(SimPciDevice device) {
        if (!devices.remove(device.address(), device)) {
            throw new IllegalArgumentException("not plugged in: " + device.address());
        }
        drivers.remove(device.address());
        device.vanish();
    }

    @Override
    public List<PciFunction> functions() {
        return devices.values().stream().map(device -> device.function(drivers.get(device.address()))).toList();
    }

    @Override
    public void bind(String address, String driver) throws StorageException {
        if (present(address).isOpen()) {
            throw StorageException.errno(Errno.EBUSY, "PCI function " + address + " is driven by this process; detach it first");
        }
        drivers.put(address, switch (driver) {
            case "" -> "nvme";
            case "none" -> "";
            default -> driver;
        });
    }

    @Override
    public PciDevice open(String address) throws StorageException {
        SimPciDevice device = present(address);
        String driver = drivers.get(address);
        if (device.isOpen() || driver.equals("nvme")) {
            throw StorageException.errno(
                Errno.EBUSY, "PCI function " + address + " is taken by " + (device.isOpen() ? "this process" : "driver nvme"));
        }
        device.open();
        return device;
    }

    /** The machine is no more. */
    void close() {
        seen.forEach(SimPciDevice::dispose);
    }

    private SimPciDevice present(String address) throws StorageException {
        SimPciDevice device = devices.get(address);
        if (device == null) {
            throw Pci.absent(address);
        }
        return device;
    }
}
