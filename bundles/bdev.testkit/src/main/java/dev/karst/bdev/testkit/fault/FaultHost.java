package dev.karst.bdev.testkit.fault;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.BdevRegistry;
import dev.karst.bdev.module.BdevHost;
import dev.karst.bdev.module.CreationRecord;
import dev.karst.bdev.module.ModuleBdev;
import dev.karst.env.Environment;
import dev.karst.reactor.Reactors;

/** The host of a module: registers devices that misbehave instead of its own. */
final class FaultHost implements BdevHost {
    private final BdevHost host;
    private final Faults faults;

    FaultHost(BdevHost host, Faults faults) {
        this.host = host;
        this.faults = faults;
    }

    @Override
    public void register(ModuleBdev bdev, CreationRecord record) throws StorageException {
        if (faults.happens(Fault.REGISTER_FAILS)) {
            throw StorageException.errno(Errno.EIO, "planted: register");
        }
        var device = new FaultBdev(bdev, faults);
        boolean registered = false;
        try {
            host.register(device, record);
            registered = true;
        } finally {
            if (!registered) {
                // The module destroys its own.
                device.forget();
            }
        }
    }

    @Override
    public Environment environment() {
        return host.environment();
    }

    @Override
    public Reactors reactors() {
        return host.reactors();
    }

    @Override
    public BdevRegistry registry() {
        return host.registry();
    }

    @Override
    public void unregister(String name) throws StorageException {
        host.unregister(name);
    }

    @Override
    public void resized(String name, long blocks) throws StorageException {
        host.resized(name, blocks);
    }

    @Override
    public void resized(String name, long blocks, CreationRecord record) throws StorageException {
        host.resized(name, blocks, record);
    }
}
