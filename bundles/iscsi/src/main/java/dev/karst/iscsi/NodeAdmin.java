package dev.karst.iscsi;

import dev.karst.base.StorageException;
import dev.karst.iscsi.model.AuthPolicy;
import dev.karst.iscsi.model.Catalogue;
import dev.karst.iscsi.model.IscsiName;
import dev.karst.iscsi.model.Portal;
import dev.karst.iscsi.model.TargetNode;
import dev.karst.iscsi.model.TargetNode.Access;
import dev.karst.scsi.ScsiDevice;
import dev.karst.scsi.ScsiDevices;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Predicate;

/** The target nodes. Control threads. */
public final class NodeAdmin {
    private static final Logger LOG = System.getLogger(NodeAdmin.class.getName());

    private final IscsiTarget target;
    private final ScsiDevices devices;

    NodeAdmin(IscsiTarget target, ScsiDevices devices) {
        this.target = target;
        this.devices = devices;
    }

    /** The name as nodes have it: with the base if it has none, in lower case. */
    public String fullName(String name) {
        return (IscsiName.hasType(name) ? name : target.catalogue().options().nodeBase() + ":" + name).toLowerCase(Locale.ROOT);
    }

    /** The node of that name, or of that name behind the base. */
    public TargetNode node(String name) throws StorageException {
        TargetNode node = target.catalogue().node(name);
        if (node == null) {
            throw IscsiTarget.missing("there is no target node " + name + "; iscsi:node-list shows those there are");
        }
        return node;
    }

    /** Makes a node with these logical units; a number of -1 stands for the lowest that is free. */
    public TargetNode create(TargetNode.Spec spec, AuthPolicy policy, List<Access> maps, List<ScsiDevice.Unit> units)
        throws StorageException {
        return target.change(() -> {
            check(spec);
            IscsiTarget.check(policy);
            checkMaps(maps, List.of());
            TargetNode node = new TargetNode(spec, devices.create(spec.name()), policy);
            try {
                for (ScsiDevice.Unit unit : units) {
                    node.device.addUnit(unit.lun(), unit.bdev());
                }
                addPorts(node, maps);
            } catch (StorageException e) {
                node.device.close();
                throw e;
            }
            node.maps(maps);
            publish(IscsiTarget.with(target.catalogue().nodes(), spec.name(), node));
            target.arrived(spec.name());
            return node;
        });
    }

    private void check(TargetNode.Spec spec) throws StorageException {
        String name = spec.name();
        if (!IscsiName.isNormal(name, IscsiName.MAX_LENGTH)) {
            throw IscsiTarget.invalid("name is " + name + ", which is no iSCSI name such as iqn.2016-06.io.spdk:disk1");
        }
        if (target.catalogue().nodes().containsKey(name)) {
            throw IscsiTarget.invalid("there is a target node " + name + " already");
        }
        if (spec.queueDepth() < 1 || spec.queueDepth() > TargetNode.MAX_QUEUE_DEPTH) {
            throw IscsiTarget.invalid("queue_depth is " + spec.queueDepth() + ", which is not from 1 to " + TargetNode.MAX_QUEUE_DEPTH);
        }
    }

    private void checkMaps(List<Access> more, List<Access> before) throws StorageException {
        Catalogue catalogue = target.catalogue();
        List<Access> all = new ArrayList<>(before);
        for (Access map : more) {
            String problem = !catalogue.portalGroups().containsKey(map.portalGroup()) ? "there is no portal group " + map.portalGroup()
                : !catalogue.initiatorGroups().containsKey(map.initiatorGroup()) ? "there is no initiator group " + map.initiatorGroup()
                : all.contains(map) ? "pg_tag " + map.portalGroup() + " and ig_tag " + map.initiatorGroup() + " are mapped already" : null;
            if (problem != null) {
                throw IscsiTarget.invalid(problem);
            }
            all.add(map);
        }
        if (all.size() > TargetNode.MAX_MAPS) {
            throw IscsiTarget.invalid("a node has at most " + TargetNode.MAX_MAPS + " maps");
        }
    }

    private static void addPorts(TargetNode node, List<Access> maps) throws StorageException {
        for (int tag : maps.stream().map(Access::portalGroup).distinct().toList()) {
            if (!node.device.ports().contains(node.port(tag))) {
                node.device.addPort(node.port(tag));
            }
        }
    }

    private void publish(SequencedMap<String, TargetNode> nodes) {
        Catalogue now = target.catalogue();
        target.publish(new Catalogue(now.options(), now.portalGroups(), now.initiatorGroups(), now.authGroups(), nodes));
    }

    /** Deletes a node: its sessions end, and its device goes. */
    public void delete(String name) throws StorageException {
        target.change(() -> {
            TargetNode node = node(name);
            publish(IscsiTarget.without(target.catalogue().nodes(), node.name()));
            try {
                target.end(session -> session.node() == node);
            } finally {
                node.device.close();
            }
            return null;
        });
    }

    /** Sets who has to say who they are, for sessions that begin from now on. */
    public void auth(String name, AuthPolicy policy) throws StorageException {
        target.change(() -> {
            IscsiTarget.check(policy);
            node(name).auth(policy);
            return null;
        });
    }

    /** Lets more initiators in. */
    public void map(String name, List<Access> more) throws StorageException {
        target.change(() -> {
            TargetNode node = node(name);
            checkMaps(more, node.maps());
            addPorts(node, more);
            List<Access> all = new ArrayList<>(node.maps());
            all.addAll(more);
            node.maps(all);
            return null;
        });
    }

    /** Shuts initiators out; their sessions end. */
    public void unmap(String name, List<Access> fewer) throws StorageException {
        target.change(() -> {
            TargetNode node = node(name);
            for (Access map : fewer) {
                if (!node.maps().contains(map)) {
                    throw IscsiTarget.invalid(
                        "pg_tag " + map.portalGroup() + " and ig_tag " + map.initiatorGroup() + " are not mapped");
                }
            }
            unmap(node, fewer::contains);
            return null;
        });
    }

    /** Under the target's lock. */
    void unmap(TargetNode node, Predicate<Access> which) throws StorageException {
        List<Access> left = node.maps().stream().filter(which.negate()).toList();
        if (left.size() == node.maps().size()) {
            return;
        }
        List<Integer> before = node.maps().stream().map(Access::portalGroup).distinct().toList();
        node.maps(left);
        target.endUnwanted();
        before.stream().filter(tag -> left.stream().noneMatch(map -> map.portalGroup() == tag))
            .forEach(tag -> node.device.removePort(node.port(tag)));
    }

    /** Sends initiators that come by a portal group elsewhere; null serves them here again. */
    public void redirect(String name, int portalGroup, Portal other) throws StorageException {
        target.change(() -> {
            TargetNode node = node(name);
            if (node.maps().stream().noneMatch(map -> map.portalGroup() == portalGroup)) {
                throw IscsiTarget.invalid("pg_tag " + portalGroup + " is not mapped");
            }
            Map<Integer, Portal> redirects = new HashMap<>(node.redirects());
            if (other == null) {
                redirects.remove(portalGroup);
            } else {
                redirects.put(portalGroup, other);
            }
            node.redirects(redirects);
            return null;
        });
    }

    /** Asks the initiators of a node, by one portal group or, for -1, by any, to log out. */
    public void requestLogout(String name, int portalGroup) throws StorageException {
        TargetNode node = node(name);
        target.sessions().of(node).stream().filter(session -> portalGroup < 0 || session.portalGroup() == portalGroup)
            .forEach(session -> session.group().reactor().execute(session::requestLogout));
    }

    /** Ends all devices. Under the target's lock, without sessions. */
    void close() {
        for (TargetNode node : target.catalogue().nodes().values()) {
            try {
                node.device.close();
            } catch (StorageException e) {
                LOG.log(Level.WARNING, "{0} did not end cleanly: {1}", node.name(), e.getMessage());
            }
        }
    }
}
