package dev.karst.iscsi.model;

import java.net.InetAddress;
import java.util.List;
import java.util.SequencedMap;

/**
 * All that there is at one moment.
 *
 * @param options what holds for the target as a whole
 * @param portalGroups by tag
 * @param initiatorGroups by tag
 * @param authGroups by tag
 * @param nodes by name
 */
public record Catalogue(
    IscsiOptions options, SequencedMap<Integer, PortalGroup> portalGroups, SequencedMap<Integer, InitiatorGroup> initiatorGroups,
    SequencedMap<Integer, AuthGroup> authGroups, SequencedMap<String, TargetNode> nodes) {
    /** Whether an initiator may use a node by a portal group. */
    public boolean admits(TargetNode node, int portalGroup, String initiator, InetAddress address) {
        return node.maps().stream().anyMatch(map -> map.portalGroup() == portalGroup && admits(map, initiator, address));
    }

    private boolean admits(TargetNode.Access map, String initiator, InetAddress address) {
        InitiatorGroup group = initiatorGroups.get(map.initiatorGroup());
        return group != null && group.admits(initiator, address);
    }

    /** The portal groups by which an initiator may use a node, those that discovery tells of. */
    public List<PortalGroup> shown(TargetNode node, String initiator, InetAddress address) {
        return node.maps().stream().filter(map -> admits(map, initiator, address)).map(TargetNode.Access::portalGroup).distinct()
            .map(portalGroups::get).filter(group -> group != null && !group.isPrivate()).toList();
    }

    /** Who may discover by a portal group. */
    public AuthPolicy discoveryAuth(int portalGroup) {
        PortalGroup group = portalGroups.get(portalGroup);
        return group == null || group.discoveryAuth() == null ? options.discoveryAuth() : group.discoveryAuth();
    }

    /** The secrets of a group; none when there is no such group. */
    public AuthGroup secrets(int tag) {
        return authGroups.getOrDefault(tag, new AuthGroup(tag, List.of()));
    }

    /** By the node's name, or without its base. */
    public TargetNode node(String name) {
        TargetNode node = nodes.get(name);
        return node != null ? node : nodes.get(options.nodeBase() + ":" + name);
    }
}
