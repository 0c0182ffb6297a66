package dev.karst.launcher;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What is served over iSCSI.
 *
 * @param nodes the result of {@code iscsi_get_target_nodes}
 * @param portalGroups the result of {@code iscsi_get_portal_groups}
 */
record IscsiNodes(Object nodes, Object portalGroups) {
    /** Whether an initiator reaches anything. */
    boolean isReachable() {
        return Serving.objects(nodes).stream().anyMatch(node -> !Serving.objects(node.get("luns")).isEmpty() && !portals(node).isEmpty());
    }

    /** Whole lines: each node, and how a host and a program log in to it. */
    String describe() {
        StringBuilder out = new StringBuilder();
        for (Map<?, ?> node : Serving.objects(nodes)) {
            List<Map<?, ?>> units = Serving.objects(node.get("luns"));
            String bdevs = units.stream().map(unit -> String.valueOf(unit.get("bdev_name"))).collect(Collectors.joining(", "));
            out.append(node.get("name")).append(bdevs.isEmpty() ? " without a logical unit" : " with " + bdevs).append('\n');
            for (String portal : portals(node)) {
                out.append("  iscsiadm -m discovery -t sendtargets -p ").append(portal).append(" --login\n");
                for (Map<?, ?> unit : units) {
                    out.append("  qemu-img info iscsi://%s/%s/%s%n".formatted(portal, node.get("name"), unit.get("lun_id")));
                }
            }
        }
        return out.toString();
    }

    private List<String> portals(Map<?, ?> node) {
        List<Object> tags = Serving.objects(node.get("pg_ig_maps")).stream().<Object>map(map -> map.get("pg_tag")).toList();
        return Serving.objects(portalGroups).stream().filter(group -> tags.contains(group.get("tag")))
            .flatMap(group -> Serving.objects(group.get("portals")).stream()).map(IscsiNodes::portal).toList();
    }

    private static String portal(Map<?, ?> portal) {
        String host = String.valueOf(portal.get("host"));
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + portal.get("port");
    }
}
