package dev.karst.iscsi;

import dev.karst.base.StorageException;
import dev.karst.iscsi.model.Addresses;
import dev.karst.iscsi.model.AuthPolicy;
import dev.karst.iscsi.model.Catalogue;
import dev.karst.iscsi.model.Portal;
import dev.karst.iscsi.model.PortalGroup;
import dev.karst.iscsi.model.TargetNode;
import java.util.HashSet;
import java.util.SequencedMap;

/** The portal groups, and listening at their portals. Control threads. */
public final class PortalAdmin {
    private static final int MAX_TAG = 0xffff;

    private final IscsiTarget target;
    private final Listening listening;
    private volatile boolean allowRemote;

    PortalAdmin(IscsiTarget target, HandOver handOver) {
        this.target = target;
        listening = new Listening(target, handOver);
    }

    /** Whether portals that other machines can reach are allowed. */
    public void allowRemote(boolean allow) {
        allowRemote = allow;
    }

    /**
     * Makes a group and, if {@code listen}, listens at its portals.
     *
     * @return it, with the ports that were chosen where 0 was asked for
     */
    public PortalGroup create(PortalGroup group, boolean listen) throws StorageException {
        return target.change(() -> {
            check(group);
            PortalGroup made = listen ? listening.begin(group) : group;
            publish(IscsiTarget.with(target.catalogue().portalGroups(), group.tag(), made));
            return made;
        });
    }

    private void check(PortalGroup group) throws StorageException {
        if (group.tag() < 1 || group.tag() > MAX_TAG) {
            throw IscsiTarget.invalid("tag is " + group.tag() + ", which is not from 1 to " + MAX_TAG);
        }
        if (target.catalogue().portalGroups().containsKey(group.tag())) {
            throw IscsiTarget.invalid("there is a portal group " + group.tag() + " already");
        }
        if (group.portals().size() > PortalGroup.MAX_PORTALS) {
            throw IscsiTarget.invalid("a portal group has at most " + PortalGroup.MAX_PORTALS + " portals");
        }
        var taken = new HashSet<Portal>();
        target.catalogue().portalGroups().values().forEach(other -> taken.addAll(other.portals()));
        for (Portal portal : group.portals()) {
            boolean isNew = portal.port() == 0 || taken.add(portal);
            if (!isNew) {
                throw IscsiTarget.invalid("portal " + portal + " is in a group already");
            }
            if (!allowRemote && !Addresses.parse(portal.host()).isLoopbackAddress()) {
                throw IscsiTarget.invalid("other machines could reach " + portal + ", and iSCSI encrypts nothing; if they may, set "
                    + "allow.remote=true in etc/dev.karst.iscsi.cfg");
            }
        }
    }

    private void publish(SequencedMap<Integer, PortalGroup> groups) {
        Catalogue now = target.catalogue();
        target.publish(new Catalogue(now.options(), groups, now.initiatorGroups(), now.authGroups(), now.nodes()));
    }

    private PortalGroup group(int tag) throws StorageException {
        PortalGroup group = target.catalogue().portalGroups().get(tag);
        if (group == null) {
            throw IscsiTarget.missing("there is no portal group " + tag);
        }
        return group;
    }

    /** Listens at the portals of a group that was made without. */
    public void start(int tag) throws StorageException {
        target.change(() -> {
            PortalGroup group = group(tag);
            if (!listening.isBegun(tag)) {
                publish(IscsiTarget.with(target.catalogue().portalGroups(), tag, listening.begin(group)));
            }
            return null;
        });
    }

    /** Deletes a group; nodes are not reached by it any more, and sessions that came by it end. */
    public void delete(int tag) throws StorageException {
        target.change(() -> {
            group(tag);
            listening.end(tag);
            for (TargetNode node : target.catalogue().nodes().values()) {
                target.nodes.unmap(node, map -> map.portalGroup() == tag);
            }
            publish(IscsiTarget.without(target.catalogue().portalGroups(), tag));
            return null;
        });
    }

    /** Sets who may discover by a group. */
    public void auth(int tag, AuthPolicy policy) throws StorageException {
        target.change(() -> {
            IscsiTarget.check(policy);
            publish(IscsiTarget.with(target.catalogue().portalGroups(), tag, group(tag).with(policy)));
            return null;
        });
    }

    /** Lets in whoever waits at a portal. Under the target's lock. */
    void letIn() {
        listening.letIn();
    }

    /** Lets nobody in any more. Under the target's lock. */
    void close() {
        listening.close();
    }
}
