package dev.karst.bdev.testkit.fault;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.module.BdevHost;
import dev.karst.bdev.module.BdevModule;
import dev.karst.bdev.module.CreationRecord;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcMethods;
import java.util.List;

/** A module around another one. To clients and the block layer it is that one. */
public final class FaultModule implements BdevModule, RpcMethods {
    private final BdevModule module;
    private final Faults faults;

    public FaultModule(BdevModule module, Faults faults) {
        this.module = module;
        this.faults = faults;
    }

    @Override
    public String name() {
        return module.name();
    }

    @Override
    public List<RpcMethod> methods() {
        return ((RpcMethods) module).methods();
    }

    @Override
    public void start(BdevHost host) {
        if (faults.happens(Fault.START_THROWS)) {
            throw Faults.planted("start");
        }
        module.start(new FaultHost(host, faults));
    }

    @Override
    public void stop() {
        module.stop();
        if (faults.happens(Fault.STOP_THROWS)) {
            throw Faults.planted("stop");
        }
    }

    @Override
    public void restore(CreationRecord record) throws StorageException {
        if (faults.happens(Fault.RESTORE_FAILS)) {
            throw StorageException.errno(Errno.ENXIO, "planted: restore");
        }
        if (faults.happens(Fault.RESTORE_THROWS)) {
            throw Faults.planted("restore");
        }
        module.restore(record);
    }
}
