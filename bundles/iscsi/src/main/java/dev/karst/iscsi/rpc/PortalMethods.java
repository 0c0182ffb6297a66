package dev.karst.iscsi.rpc;

import dev.karst.base.StorageException;
import dev.karst.iscsi.IscsiTarget;
import dev.karst.iscsi.model.AuthPolicy;
import dev.karst.iscsi.model.Portal;
import dev.karst.iscsi.model.PortalGroup;
import dev.karst.rpc.Effect;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Kind;
import dev.karst.rpc.RpcParameter.Type;
import java.util.ArrayList;
import java.util.List;

/** The methods about portal groups. */
final class PortalMethods {
    private static final RpcParameter TAG = Arguments.TAG.of(Kind.PORTAL_GROUP);

    private final IscsiTarget target;

    PortalMethods(IscsiTarget target) {
        this.target = target;
    }

    List<RpcMethod> methods() {
        return List.of(create(), start(), delete(), list(), setAuth());
    }

    private RpcMethod create() {
        return RpcMethod.named("iscsi_create_portal_group", "iscsi", "portal-group-create", "Makes a group of portals, and listens there")
            .takes(Arguments.TAG,
                RpcParameter.required("portals", Type.LIST, "Where initiators reach it").holding(
                    RpcParameter.required("host", Type.STRING, "Numeric address").of(Kind.ADDRESS),
                    RpcParameter.required("port", Type.STRING, "Port; 0 for one that is free").of(Kind.PORT)),
                Arguments.flag("private", "Whether discovery is silent about it"),
                Arguments.flag("wait", "Whether to listen only from iscsi_start_portal_group on").passing())
            .saved()
            .with(Effect.made("iscsi_delete_portal_group", "tag"))
            .does(this::create);
    }

    private Object create(RpcCall call) throws StorageException {
        List<Portal> portals = new ArrayList<>();
        for (RpcCall portal : Arguments.objects(call, "portals")) {
            portals.add(Arguments.portal(portal.string("host"), portal.string("port")));
        }
        var group = new PortalGroup(Arguments.number(call, "tag", 0), portals, call.flag("private", false), null);
        PortalGroup made = target.portals.create(group, !call.flag("wait", false));
        call.settle("portals", IscsiJson.portalGroup(made).get("portals"));
        return true;
    }

    private RpcMethod start() {
        return RpcMethod.named("iscsi_start_portal_group", "iscsi", "portal-group-start", "Listens at a group's portals")
            .takes(TAG)
            .does(call -> {
                target.portals.start(Arguments.number(call, "tag", 0));
                return true;
            });
    }

    private RpcMethod delete() {
        return RpcMethod.named("iscsi_delete_portal_group", "iscsi", "portal-group-delete",
                "Deletes a group of portals; sessions that came by it end")
            .takes(TAG)
            .saved()
            .does(call -> {
                target.portals.delete(Arguments.number(call, "tag", 0));
                return true;
            });
    }

    private RpcMethod list() {
        return RpcMethod.named("iscsi_get_portal_groups", "iscsi", "portal-group-list", "Lists groups of portals")
            .shows("TAG", "tag").shows("ADDRESSES", "portals.host").shows("PORTS", "portals.port").shows("PRIVATE", "private")
            .readOnly()
            .does(_ -> target.catalogue().portalGroups().values().stream().map(IscsiJson::portalGroup).toList());
    }

    private RpcMethod setAuth() {
        return RpcMethod.named("iscsi_portal_group_set_auth", "iscsi", "portal-group-set-auth",
                "Sets who may discover by a group of portals, whatever holds elsewhere")
            .takes(TAG, Arguments.DISABLE_CHAP, Arguments.REQUIRE_CHAP, Arguments.MUTUAL_CHAP, Arguments.CHAP_GROUP)
            .saved()
            .with(Effect.set("iscsi_portal_group_set_auth", Arguments.plain(AuthPolicy.FREE), "tag"))
            .does(call -> {
                target.portals.auth(Arguments.number(call, "tag", 0), Arguments.policy(call, AuthPolicy.FREE));
                return true;
            });
    }
}
