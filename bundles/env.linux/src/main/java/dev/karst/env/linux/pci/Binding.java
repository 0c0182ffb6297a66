package dev.karst.env.linux.pci;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.env.PciFunction;
import dev.karst.env.linux.kernel.Failure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Gives functions to kernel drivers, by driver_override. Documentation/ABI/testing/sysfs-bus-pci */
final class Binding {
    /** Asks for no driver; none has that name, so that the kernel does not choose one either. */
    private static final String NONE = "none";

    private final KernelTree tree;
    private final Functions functions;
    private final Holders holders;

    Binding(KernelTree tree, Functions functions) {
        this.tree = tree;
        this.functions = functions;
        holders = new Holders(tree);
    }

    /** Who holds the function's block devices, for people to read. */
    Optional<String> holder(PciFunction function) {
        return holders.of(functions.folder(function.address()));
    }

    /** Does it; whether somebody drives the function from user space was looked at before. */
    void bind(PciFunction function, String driver) throws StorageException {
        String what = "bind " + function.address() + " to " + (driver.isEmpty() ? "the kernel's choice" : driver);
        if (!driver.isEmpty() && driver.equals(function.driver().isEmpty() ? NONE : function.driver())) {
            return;
        }
        if (!driver.isEmpty() && !driver.equals(NONE) && !isDriver(driver)) {
            throw Failure.refused(Errno.ENODEV, what, "there is no such driver; load it: modprobe " + driver);
        }
        Optional<String> holder = holder(function);
        if (holder.isPresent()) {
            throw Failure.refused(Errno.EBUSY, what, holder.get() + "; end that first");
        }
        change(function, driver);
        String found = functions.find(function.address()).map(PciFunction::driver).orElse("");
        if (!driver.isEmpty() && !driver.equals(found.isEmpty() ? NONE : found)) {
            throw Failure.refused(Errno.EIO, what, "its driver is " + (found.isEmpty() ? NONE : found) + " now; the kernel's log says why");
        }
    }

    private boolean isDriver(String name) {
        return name.indexOf('/') < 0 && Files.isDirectory(tree.at("sys/bus/pci/drivers").resolve(name));
    }

    private void change(PciFunction function, String driver) throws StorageException {
        Path folder = functions.folder(function.address());
        tree.write(folder.resolve("driver_override"), driver + "\n");
        if (!function.driver().isEmpty()) {
            tree.write(folder.resolve("driver/unbind"), function.address());
        }
        if (!driver.equals(NONE)) {
            tree.write(tree.at("sys/bus/pci/drivers_probe"), function.address());
        }
    }
}
