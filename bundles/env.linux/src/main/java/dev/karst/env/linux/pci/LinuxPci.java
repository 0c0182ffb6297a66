package dev.karst.env.linux.pci;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.env.Pci;
import dev.karst.env.PciDevice;
import dev.karst.env.PciFunction;
import dev.karst.env.linux.kernel.Failure;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The PCI functions that Linux shows. Any control thread; one call that changes something at a time. */
public final class LinuxPci implements Pci {
    private final Functions functions;
    private final Binding binding;

    /** Those of this machine. */
    public LinuxPci() {
        this(new KernelTree(Path.of("/")));
    }

    LinuxPci(KernelTree tree) {
        functions = new Functions(tree);
        binding = new Binding(tree, functions);
    }

    @Override
    public List<PciFunction> functions() {
        return functions.all();
    }

    /** Who holds block devices of the function, so that it cannot be bound elsewhere; for people to read. */
    public Optional<String> holder(PciFunction function) {
        return binding.holder(function);
    }

    private PciFunction find(String address) throws StorageException {
        return functions.find(address).orElseThrow(() -> Pci.absent(address));
    }

    @Override
    public synchronized void bind(String address, String driver) throws StorageException {
        binding.bind(find(address), driver);
    }

    @Override
    public synchronized PciDevice open(String address) throws StorageException {
        PciFunction function = find(address);
        throw Failure.refused(Errno.EOPNOTSUPP, "open " + function.address(), "this version only lists and binds functions");
    }
}
