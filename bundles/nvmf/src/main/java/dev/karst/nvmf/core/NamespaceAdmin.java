package dev.karst.nvmf.core;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.Bdev;
import dev.karst.bdev.BdevRegistry;
import dev.karst.nvmf.core.model.Namespace;
import dev.karst.nvmf.core.model.ReactorGroup;
import dev.karst.nvmf.core.model.Subsystem;
import dev.karst.reactor.Reactor;
import dev.karst.rpc.RpcError;
import dev.karst.spec.nvmf.Nqn;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/** The namespaces of the subsystems: they come, go, are shown, hidden and regrouped. Control threads. */
public final class NamespaceAdmin implements Namespace.Owner {
    private final NvmfTarget target;
    private final BdevRegistry bdevs;

    NamespaceAdmin(NvmfTarget target, BdevRegistry bdevs) {
        this.target = target;
        this.bdevs = bdevs;
    }

    /** Adds a namespace, and gives its identifier. */
    public int add(Subsystem subsystem, Namespace.Spec spec) throws StorageException {
        return target.change(() -> {
            int nsid = spec.nsid() != 0 ? spec.nsid() : free(subsystem);
            boolean fits = !subsystem.discovery && nsid > 0 && nsid <= subsystem.maxNamespaces;
            if (!fits || subsystem.namespace(nsid) != null) {
                throw RpcError.invalidParameters("Invalid parameters: " + subsystem.nqn + " has no free namespace "
                    + (spec.nsid() == 0 ? "" : spec.nsid() + " ") + "up to " + subsystem.maxNamespaces);
            }
            checkGroup(subsystem, spec.anaGroup() == 0 ? nsid : spec.anaGroup());
            TargetReservations.check(spec.ptplFile(), target.subsystems());
            Reactor home = target.reactors().next();
            var namespace = new Namespace(this, subsystem, nsid, spec, home);
            namespace.open(bdevs, target.stripsProtection());
            attachReservations(namespace, home);
            subsystem.put(namespace);
            subsystem.namespacesChanged();
            refuseRemoved(namespace);
            target.reactors().forEach(reactor -> target.groups().get(reactor.id()).added(namespace));
            NvmfTarget.eachController(subsystem, controller -> controller.namespaceChanged(namespace));
            return nsid;
        });
    }

    private void attachReservations(Namespace namespace, Reactor home) throws StorageException {
        try {
            TargetReservations.attach(namespace, target.groups(), target.environment(), home);
        } catch (StorageException e) {
            namespace.close(bdevs);
            throw e;
        }
    }

    /** A device that went between its opening and now has said so to nobody. */
    private void refuseRemoved(Namespace namespace) throws StorageException {
        if (namespace.bdev().state() == Bdev.State.REMOVING) {
            detach(namespace);
            throw StorageException.errno(
                Errno.ENODEV, "the block device " + namespace.bdev().name()
                    + " has been removed; create it again first");
        }
    }

    private static int free(Subsystem subsystem) {
        int nsid = 1;
        while (subsystem.namespace(nsid) != null) {
            nsid++;
        }
        return nsid;
    }

    public void remove(Namespace namespace) throws StorageException {
        target.change(() -> target.reactors().await(detach(namespace), NvmfTarget.WAIT_MS, namespace.toString()));
    }

    /**
     * Takes a namespace away: hosts are told, I/O in flight runs out, and the device is given back. Any thread; the
     * future completes when all has happened.
     */
    @Override
    public CompletableFuture<Void> detach(Namespace namespace) {
        var done = new CompletableFuture<Void>();
        if (!namespace.subsystem().remove(namespace)) {
            done.complete(null);
            return done;
        }
        namespace.subsystem().namespacesChanged();
        var left = new AtomicInteger(target.groups().size() + 1);
        Runnable oneLess = () -> {
            if (left.decrementAndGet() == 0) {
                target.environment().threads().background().execute(() -> {
                    namespace.close(bdevs);
                    done.complete(null);
                });
            }
        };
        for (ReactorGroup group : target.groups()) {
            group.reactor.execute(() -> group.removed(namespace, oneLess));
        }
        namespace.reservations().close(oneLess);
        NvmfTarget.eachController(namespace.subsystem(), controller -> controller.namespaceChanged(namespace));
        return done;
    }

    /** The device of a namespace has another size. */
    @Override
    public void resized(Namespace namespace, long blocks) {
        for (ReactorGroup group : target.groups()) {
            group.reactor.execute(() -> group.resized(namespace, blocks));
        }
        NvmfTarget.eachController(namespace.subsystem(), controller -> controller.namespaceChanged(namespace));
    }

    private static void checkGroup(Subsystem subsystem, int group) throws StorageException {
        if (group < 1 || group > subsystem.maxNamespaces) {
            throw RpcError.invalidParameters("Invalid parameters: anagrpid is " + Integer.toUnsignedString(group)
                + ", but the groups of " + subsystem.nqn + " are 1 to " + subsystem.maxNamespaces);
        }
    }

    /** Moves a namespace to another ANA group; commands that come from then on go by that group's state. */
    public void anaGroup(Namespace namespace, int group) throws StorageException {
        target.change(() -> {
            Subsystem subsystem = namespace.subsystem();
            checkGroup(subsystem, group);
            if (namespace.anaGroup() == group) {
                return null;
            }
            namespace.anaGroup(group);
            subsystem.namespacesChanged();
            target.settle();
            NvmfTarget.eachController(subsystem, controller -> {
                controller.namespaceChanged(namespace);
                if (namespace.isVisibleTo(controller.hostNqn)) {
                    controller.events.anaChanged();
                }
            });
            return null;
        });
    }

    /** Shows a hidden namespace to a host, or hides it from it again; the host is told. */
    public void show(Namespace namespace, String host, boolean visible) throws StorageException {
        target.change(() -> {
            if (!Nqn.isAcceptable(host)) {
                throw RpcError.invalidParameters("Invalid parameters: " + host + " is no host NQN");
            } else if (!namespace.spec.hidden()) {
                throw RpcError.invalidParameters("Invalid parameters: every host sees " + namespace
                    + "; add it with no_auto_visible to choose who does");
            } else if (!namespace.show(host, visible)) {
                throw RpcError.invalidParameters("Invalid parameters: " + namespace
                    + (visible ? " is visible to " : " is not visible to ") + host + (visible ? " already" : ""));
            }
            namespace.subsystem().namespacesChanged();
            target.settle();
            NvmfTarget.eachController(namespace.subsystem(), controller -> {
                if (controller.hostNqn.equals(host)) {
                    controller.events.namespaceChanged(namespace.nsid);
                }
            });
            return null;
        });
    }

    /** Takes all away, and waits until their devices are given back. */
    void detachAll(Subsystem subsystem) throws StorageException {
        var detached = new ArrayList<CompletableFuture<Void>>();
        for (Namespace namespace : subsystem.namespaces()) {
            if (namespace != null) {
                detached.add(detach(namespace));
            }
        }
        var all = CompletableFuture.allOf(detached.toArray(CompletableFuture[]::new));
        target.reactors().await(all, NvmfTarget.WAIT_MS, "the namespaces of " + subsystem.nqn);
    }
}
