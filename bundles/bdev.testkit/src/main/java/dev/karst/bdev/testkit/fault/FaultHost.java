package dev.karst.bdev.testkit.fault;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.module.BdevHost;
import dev.karst.bdev.module.CreationRecord;
import dev.karst.bdev.module.ModuleBdev;

/** The host of a module: registers devices that misbehave instead of its own. */
final class FaultHost extends ForwardingHost {
    private final BdevHost host;
    private final Faults faults;

    FaultHost(BdevHost host, Faults faults) {
        this.host = host;
        this.faults = faults;
    }

    @Override
    protected BdevHost host() {
        return host;
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
}
