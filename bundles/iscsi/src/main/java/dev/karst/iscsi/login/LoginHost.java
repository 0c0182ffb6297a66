package dev.karst.iscsi.login;

import dev.karst.iscsi.model.Catalogue;
import java.net.InetAddress;

/**
 * What a login has to know of its surroundings.
 *
 * @param catalogue all that there is, when the login began
 * @param portalGroup the tag of the group that the initiator came by
 * @param peer the initiator's address
 * @param allowMd5 whether CHAP may use MD5
 * @param secrets where secrets are
 * @param random where challenges come from
 */
public record LoginHost(
    Catalogue catalogue, int portalGroup, InetAddress peer, boolean allowMd5, Secrets secrets, Randomness random) {}
