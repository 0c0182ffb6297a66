package dev.karst.iscsi.rpc;

import dev.karst.iscsi.model.AuthGroup;
import dev.karst.iscsi.model.Catalogue;
import dev.karst.iscsi.model.InitiatorGroup;
import dev.karst.iscsi.model.PortalGroup;
import dev.karst.iscsi.model.TargetNode;
import dev.karst.rpc.ConfigSource.Call;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The target as the calls that bring it back. */
final class SavedCalls {
    private SavedCalls() {}

    static List<Call> calls(Catalogue catalogue) {
        List<Call> calls = new ArrayList<>();
        calls.add(new Call("iscsi_set_options", IscsiJson.options(catalogue.options())));
        for (PortalGroup group : catalogue.portalGroups().values()) {
            calls.add(new Call("iscsi_create_portal_group", IscsiJson.portalGroup(group)));
            if (group.discoveryAuth() != null) {
                Map<String, Object> policy = new LinkedHashMap<>();
                policy.put("tag", (long) group.tag());
                policy.putAll(Arguments.plain(group.discoveryAuth()));
                calls.add(new Call("iscsi_portal_group_set_auth", policy));
            }
        }
        for (InitiatorGroup group : catalogue.initiatorGroups().values()) {
            calls.add(new Call("iscsi_create_initiator_group", IscsiJson.initiatorGroup(group)));
        }
        for (AuthGroup group : catalogue.authGroups().values()) {
            calls.add(new Call("iscsi_create_auth_group", IscsiJson.authGroup(group)));
        }
        for (TargetNode node : catalogue.nodes().values()) {
            calls.add(new Call("iscsi_create_target_node", IscsiJson.node(node)));
            new TreeMap<>(node.redirects()).forEach((tag, portal) -> calls.add(Call.of("iscsi_target_node_set_redirect",
                "name", node.name(), "pg_tag", (long) tag, "redirect_host", portal.host(),
                "redirect_port", Integer.toString(portal.port()))));
        }
        return calls;
    }
}
