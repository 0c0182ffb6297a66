package dev.karst.bdev.nvme.control;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.Bdev;
import dev.karst.bdev.BdevRegistry;
import dev.karst.bdev.module.BdevHost;
import dev.karst.bdev.module.CreationRecord;
import dev.karst.bdev.module.Geometry;
import dev.karst.bdev.nvme.io.Multipath;
import dev.karst.bdev.nvme.io.Multipath.Policy;
import dev.karst.bdev.nvme.io.NamespaceBdev;
import dev.karst.bdev.nvme.io.NamespaceBdev.Surroundings;
import dev.karst.bdev.nvme.io.NamespaceControl;
import dev.karst.bdev.nvme.io.NamespacePath;
import dev.karst.nvme.NvmeNamespace;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Makes the devices what the namespaces are: there or not, so large, over these paths. In turn. */
final class NamespaceSync {
    private static final System.Logger LOG = System.getLogger(NamespaceSync.class.getName());

    private final BdevHost host;
    private final BdevRegistry registry;
    private final NamespaceControl control;
    /** What was set for single devices. */
    private final Map<String, Policy> policies = new HashMap<>();
    private Settings settings = Settings.DEFAULT;

    /** While the module starts: later one would have to wait, in turn, for devices that are brought back in turn. */
    NamespaceSync(BdevHost host, NamespaceControl control) {
        this.host = host;
        registry = host.registry();
        this.control = control;
    }

    /** The block layer's devices, also while some are still to be brought back. */
    BdevRegistry registry() {
        return registry;
    }

    Settings settings() {
        return settings;
    }

    void settings(Settings settings) {
        this.settings = settings;
    }

    /** The device's paths are used like that. */
    void policy(ControllerGroup group, int nsid, Policy policy) {
        remember(group.bdevName(nsid), policy);
        publish(group, nsid);
    }

    /** The same for a device that comes later. */
    void remember(String bdev, Policy policy) {
        policies.put(bdev, policy);
    }

    /** Follows all namespaces of the group; what cannot be a device is left out, with a line in the log. */
    void follow(ControllerGroup group) {
        for (AttachedController each : group.controllers()) {
            for (NvmeNamespace namespace : each.known()) {
                follow(group, each, namespace);
            }
        }
        dropGone(group);
    }

    private void follow(ControllerGroup group, AttachedController through, NvmeNamespace namespace) {
        int nsid = namespace.nsid();
        String name = group.bdevName(nsid);
        try {
            if (!group.bdevs().containsKey(nsid)) {
                if (registry.find(name).isPresent()) {
                    return;
                }
                register(group, nsid);
            } else if (isSame(group, through, namespace)) {
                join(group, through, namespace);
            } else {
                LOG.log(Level.WARNING, "Namespace {0} of {1} is another one than {2}, and is no path to it", nsid,
                    through.attachment().id(), name);
            }
        } catch (StorageException e) {
            LOG.log(Level.WARNING, "{0} is no block device: {1}", name, e.getMessage());
        }
    }

    /** A path that is new, and what changed on one that is there. */
    private void join(ControllerGroup group, AttachedController through, NvmeNamespace namespace) throws StorageException {
        int nsid = namespace.nsid();
        NamespacePath path = through.namespaces().get(nsid);
        through.openQueues(host.reactors());
        if (path == null) {
            path = newPath(through, namespace);
            publish(group, nsid);
        } else if (path.ana() != namespace.ana()) {
            path.ana(namespace.ana());
            publish(group, nsid);
        }
        Optional<Bdev> bdev = registry.find(group.bdevName(nsid));
        if (bdev.isPresent() && bdev.get().blocks() != namespace.blocks()) {
            host.resized(group.bdevName(nsid), namespace.blocks());
        }
    }

    private static NamespacePath newPath(AttachedController through, NvmeNamespace namespace) {
        var path = new NamespacePath(through.path(), through.attachment().id(), namespace.nsid(), namespace.ana());
        through.namespaces().put(namespace.nsid(), path);
        return path;
    }

    /** Whether the namespace is that of the device, and looks the same. */
    private boolean isSame(ControllerGroup group, AttachedController through, NvmeNamespace namespace) {
        for (AttachedController other : group.controllers()) {
            if (other == through || !other.namespaces().containsKey(namespace.nsid())) {
                continue;
            }
            Optional<NvmeNamespace> known = other.known().stream().filter(each -> each.nsid() == namespace.nsid()).findFirst();
            if (known.isPresent()) {
                return known.get().ids().equals(namespace.ids()) && known.get().format().equals(namespace.format());
            }
        }
        return true;
    }

    /**
     * Makes the device of a namespace, also one that was parked.
     *
     * @throws StorageException ENODEV when no controller of the group has it
     */
    void register(ControllerGroup group, int nsid) throws StorageException {
        String name = group.bdevName(nsid);
        AttachedController with = null;
        NvmeNamespace namespace = null;
        for (AttachedController each : group.controllers()) {
            NvmeNamespace known = each.known().stream().filter(other -> other.nsid() == nsid).findFirst().orElse(null);
            boolean first = namespace == null && known != null;
            if (first || known != null && known.ids().equals(namespace.ids()) && known.format().equals(namespace.format())) {
                with = first ? each : with;
                namespace = first ? known : namespace;
                each.openQueues(host.reactors());
                newPath(each, known);
            }
        }
        if (namespace == null) {
            throw StorageException.errno(Errno.ENODEV, "no controller of " + group.name() + " has a namespace " + nsid);
        }
        register(group, with, namespace, name);
    }

    private void register(ControllerGroup group, AttachedController with, NvmeNamespace namespace, String name)
        throws StorageException {
        int nsid = namespace.nsid();
        boolean pages = !with.attachment().id().type().equals("TCP");
        Geometry geometry = NamespaceShape.geometry(
            name, namespace, with.controller().data(), with.attachment().checks(), pages);
        var around = new Surroundings(control, host.environment().memory(), host.reactors().all().size());
        var bdev = new NamespaceBdev(
            geometry, NamespaceShape.abilities(namespace, with.controller().data()), multipath(group, nsid), around);
        bdev.describedBy(() -> NamespaceDescription.of(bdev.multipath()));
        group.bdevs().put(nsid, bdev);
        Map<String, Object> told = new LinkedHashMap<>();
        told.put("controller", group.name());
        told.put("nsid", (long) nsid);
        boolean registered = false;
        try {
            host.register(bdev, new CreationRecord("", told, name, geometry.uuid()));
            registered = true;
        } finally {
            if (!registered) {
                group.bdevs().remove(nsid, bdev);
                group.controllers().forEach(each -> each.namespaces().remove(nsid));
                bdev.destroy(true);
            }
        }
    }

    /** Takes away paths to namespaces that are not there any more, and devices without any path. */
    private void dropGone(ControllerGroup group) {
        for (int nsid : List.copyOf(group.bdevs().keySet())) {
            boolean changed = false;
            for (AttachedController each : group.controllers()) {
                boolean gone = each.isReady() && each.known().stream().noneMatch(namespace -> namespace.nsid() == nsid);
                changed |= gone && each.namespaces().remove(nsid) != null;
            }
            if (changed) {
                publishOrRemove(group, nsid);
            }
        }
    }

    /** The device goes on over the paths that there are, or goes. */
    void publishOrRemove(ControllerGroup group, int nsid) {
        if (group.controllers().stream().anyMatch(each -> each.namespaces().containsKey(nsid))) {
            publish(group, nsid);
        } else {
            unregister(group, nsid);
        }
    }

    void unregister(ControllerGroup group, int nsid) {
        if (group.bdevs().remove(nsid) == null) {
            return;
        }
        try {
            host.unregister(group.bdevName(nsid));
        } catch (StorageException e) {
            LOG.log(Level.DEBUG, "{0} is gone already: {1}", group.bdevName(nsid), e.getMessage());
        }
    }

    /** The reactors use the paths as they are now. */
    void publish(ControllerGroup group, int nsid) {
        NamespaceBdev bdev = group.bdevs().get(nsid);
        if (bdev != null) {
            bdev.multipath(multipath(group, nsid));
        }
    }

    private Multipath multipath(ControllerGroup group, int nsid) {
        List<NamespacePath> paths = new ArrayList<>();
        Policy attached = null;
        for (AttachedController each : group.ordered(nsid)) {
            NamespacePath path = each.namespaces().get(nsid);
            if (path != null) {
                paths.add(path);
                attached = attached == null ? each.attachment().policy() : attached;
            }
        }
        Policy policy = policies.getOrDefault(group.bdevName(nsid), attached == null ? settings.policy() : attached);
        return new Multipath(paths, policy, settings.retries(), settings.failback());
    }
}
