package dev.karst.env;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import java.util.List;

/** The PCI functions of the machine. Control threads; calls may block. */
public interface Pci {
    /** A machine without any. */
    Pci NONE = new Pci() {
        @Override
        public List<PciFunction> functions() {
            return List.of();
        }

        @Override
        public void bind(String address, String driver) throws StorageException {
            throw absent(address);
        }

        @Override
        public PciDevice open(String address) throws StorageException {
            throw absent(address);
        }
    };

    /** What is said of a function that is not there. */
    static StorageException absent(String address) {
        return StorageException.errno(
            Errno.ENODEV, Errno.text(Errno.ENODEV) + ": there is no PCI function " + address + "; nvme:pci-list shows those that there are");
    }

    /** All functions, in order of their addresses. */
    List<PciFunction> functions();

    /**
     * Gives a function to another kernel driver, and takes it from the one that it has.
     *
     * @param address {@code domain:bus:device.function}, in hexadecimal
     * @param driver {@code vfio-pci}, {@code uio_pci_generic}, …; empty for the one that the kernel would choose by itself; {@code none}
     *     for none at all
     * @throws StorageException ENODEV when there is no such function or driver; EBUSY, naming the mount or holder, while a block device of
     *     it is mounted or otherwise held, or while somebody drives it from user space; EACCES; or what the system says
     */
    void bind(String address, String driver) throws StorageException;

    /**
     * Takes a function for this process: through VFIO when it is bound to {@code vfio-pci}, through its resource files when it is
     * bound to no driver or to {@code uio_pci_generic}.
     *
     * @throws StorageException ENODEV when there is no such function; EBUSY when a kernel driver or another process has it;
     *     EPERM, naming what else is in the group, when its IOMMU group is not viable; EACCES
     */
    PciDevice open(String address) throws StorageException;
}
