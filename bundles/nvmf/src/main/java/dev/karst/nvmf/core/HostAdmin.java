package dev.karst.nvmf.core;

import dev.karst.base.StorageException;
import dev.karst.nvmf.core.model.Subsystem;
import dev.karst.rpc.RpcError;
import dev.karst.spec.nvmf.Nqn;

/** Who may use the subsystems: nobody who is not named, unless everybody may. Control threads. */
public final class HostAdmin {
    private final NvmfTarget target;

    HostAdmin(NvmfTarget target) {
        this.target = target;
    }

    /** Allows a host. */
    public void add(Subsystem subsystem, String host) throws StorageException {
        target.change(() -> {
            if (!Nqn.isAcceptable(host)) {
                throw RpcError.invalidParameters("Invalid parameters: " + host + " is no host NQN");
            } else if (!subsystem.addHost(host)) {
                throw new StorageException(
                    RpcError.INTERNAL_ERROR, "Internal error: " + subsystem.nqn + " allows " + host + " already");
            }
            target.discovery.changed();
            return null;
        });
    }

    /** Does not allow a host any more: its controllers end, unless everybody is allowed. */
    public void remove(Subsystem subsystem, String host) throws StorageException {
        target.change(() -> {
            if (!subsystem.removeHost(host)) {
                throw RpcError.invalidParameters(
                    "Invalid parameters: " + subsystem.nqn + " does not name the host " + host);
            }
            changed(subsystem);
            return null;
        });
    }

    /** Allows everybody, or only those that are named: then the controllers of others end. */
    public void allowAny(Subsystem subsystem, boolean allow) throws StorageException {
        target.change(() -> {
            subsystem.anyHost(allow);
            changed(subsystem);
            return null;
        });
    }

    private void changed(Subsystem subsystem) {
        target.discovery.changed();
        NvmfTarget.eachController(subsystem, controller -> {
            if (!subsystem.admits(controller.hostNqn)) {
                controller.disconnect("the host is not allowed any more");
            }
        });
    }
}
