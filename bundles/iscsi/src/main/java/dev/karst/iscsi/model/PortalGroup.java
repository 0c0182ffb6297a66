package dev.karst.iscsi.model;

import java.util.List;

/**
 * Portals through which a session may go.
 *
 * @param tag its number
 * @param portals where initiators reach it
 * @param isPrivate whether discovery is silent about it
 * @param discoveryAuth who may discover here; null for what holds for the target as a whole
 */
public record PortalGroup(int tag, List<Portal> portals, boolean isPrivate, AuthPolicy discoveryAuth) {
    /** Most portals of a group. */
    public static final int MAX_PORTALS = 1024;

    public PortalGroup {
        portals = List.copyOf(portals);
    }

    /** The same with other portals. */
    public PortalGroup with(List<Portal> others) {
        return new PortalGroup(tag, others, isPrivate, discoveryAuth);
    }

    /** The same with another policy for discovery. */
    public PortalGroup with(AuthPolicy policy) {
        return new PortalGroup(tag, portals, isPrivate, policy);
    }
}
