package dev.karst.nvmf.core;

import dev.karst.base.StorageException;
import dev.karst.nvmf.ListenAddress;
import dev.karst.nvmf.core.handover.LeftState;
import dev.karst.nvmf.core.model.AnaState;
import dev.karst.nvmf.core.model.Listener;
import dev.karst.nvmf.core.model.Subsystem;
import dev.karst.rpc.RpcError;

/** Where the subsystems can be reached, and how. Control threads. */
public final class ListenerAdmin {
    private final NvmfTarget target;
    private final Transports transports;

    ListenerAdmin(NvmfTarget target, Transports transports) {
        this.target = target;
        this.transports = transports;
    }

    /**
     * Makes a subsystem reachable.
     *
     * @param advertised what hosts are told; a port of 0 stands for the one that is listened at, null for the address
     * @param state of all of its ANA groups there
     * @return the address with the port that was chosen if 0 was asked for
     */
    public ListenAddress add(Subsystem subsystem, ListenAddress address, ListenAddress advertised, AnaState state)
        throws StorageException {
        return target.change(() -> {
            if (subsystem.listener(address) != null) {
                throw RpcError.invalidParameters(
                    "Invalid parameters: " + subsystem.nqn + " listens at " + address + " already");
            } else if (state != AnaState.OPTIMIZED) {
                checkReporting(subsystem);
            }
            ListenAddress actual = transports.listen(address);
            var listener = new Listener(actual, told(actual, advertised), state, subsystem.anaGroups());
            LeftState.restoreStates(target.environment(), subsystem, listener);
            subsystem.addListener(listener);
            target.discovery.changed();
            transports.resume(subsystem, actual);
            return actual;
        });
    }

    private static ListenAddress told(ListenAddress actual, ListenAddress advertised) {
        if (advertised == null) {
            return actual;
        }
        boolean samePort = advertised.trsvcid().equals("0");
        return samePort
            ? new ListenAddress(advertised.trtype(), advertised.adrfam(), advertised.traddr(), actual.trsvcid())
            : advertised;
    }

    private static void checkReporting(Subsystem subsystem) throws StorageException {
        if (!subsystem.spec.anaReporting()) {
            throw RpcError.invalidParameters("Invalid parameters: " + subsystem.nqn
                + " does not report ANA states; make it with ana_reporting");
        }
    }

    private static Listener find(Subsystem subsystem, ListenAddress address) throws StorageException {
        Listener listener = subsystem.listener(address);
        if (listener == null) {
            throw RpcError.invalidParameters(
                "Invalid parameters: " + subsystem.nqn + " does not listen at " + address);
        }
        return listener;
    }

    /** Makes a subsystem unreachable there: controllers that came that way end. */
    public void remove(Subsystem subsystem, ListenAddress address) throws StorageException {
        target.change(() -> {
            subsystem.removeListener(find(subsystem, address));
            transports.unlisten(address);
            target.discovery.changed();
            NvmfTarget.eachController(subsystem, controller -> {
                if (controller.adminQueue.connection.listener().equals(address)) {
                    controller.disconnect("the listener was removed");
                }
            });
            return null;
        });
    }

    /**
     * Says how namespaces can be reached there. Commands in flight run out; those that come once this has returned go
     * by the new state. Hosts are told.
     *
     * @param group 0 for all
     */
    public void anaState(Subsystem subsystem, ListenAddress address, int group, AnaState state)
        throws StorageException {
        target.change(() -> {
            checkReporting(subsystem);
            Listener listener = find(subsystem, address);
            if (group < 0 || group > subsystem.anaGroups()) {
                throw RpcError.invalidParameters("Invalid parameters: " + subsystem.nqn + " has no ANA group "
                    + Integer.toUnsignedString(group) + "; there are 1 to " + subsystem.anaGroups());
            } else if (!listener.set(group, state)) {
                return null;
            }
            target.settle();
            NvmfTarget.eachController(subsystem, controller -> {
                if (controller.listener == listener) {
                    controller.events.anaChanged();
                }
            });
            return null;
        });
    }
}
