package dev.karst.iscsi.model;

import java.net.InetAddress;
import java.util.List;

/**
 * Who may use what is mapped to it: those whose name and address are both here.
 *
 * @param tag its number
 * @param initiators names, {@code ANY}, or either after {@code !} for those who may not; the first that fits counts
 * @param netmasks where they may come from
 */
public record InitiatorGroup(int tag, List<String> initiators, List<Netmask> netmasks) {
    /** Most names, and most netmasks, of a group. */
    public static final int MAX_ENTRIES = 256;

    private static final String ANY = "ANY";

    public InitiatorGroup {
        initiators = List.copyOf(initiators);
        netmasks = List.copyOf(netmasks);
    }

    /** Whether an initiator of that name may come from that address. */
    public boolean admits(String initiator, InetAddress address) {
        for (String entry : initiators) {
            boolean forbids = entry.startsWith("!");
            String name = forbids ? entry.substring(1) : entry;
            if (name.equals(ANY) || name.equals(initiator)) {
                return !forbids && netmasks.stream().anyMatch(mask -> mask.contains(address));
            }
        }
        return false;
    }
}
