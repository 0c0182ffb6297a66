package dev.karst.iscsi.rpc;

import dev.karst.base.StorageException;
import dev.karst.iscsi.IscsiTarget;
import dev.karst.iscsi.model.AuthPolicy;
import dev.karst.iscsi.model.Portal;
import dev.karst.rpc.Effect;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Kind;
import dev.karst.rpc.RpcParameter.Type;
import java.util.List;
import java.util.Map;

/** The methods about who uses a target node, and where. */
final class AccessMethods {
    private static final int ANY_GROUP = -1;

    private final IscsiTarget target;

    AccessMethods(IscsiTarget target) {
        this.target = target;
    }

    List<RpcMethod> methods() {
        return List.of(setAuth(), addMaps(), removeMaps(), setRedirect(), requestLogout());
    }

    private RpcMethod setAuth() {
        return RpcMethod.named("iscsi_target_node_set_auth", "iscsi", "node-set-auth",
                "Sets who has to say by CHAP who they are, for sessions that begin from then on")
            .takes(Arguments.NAME, Arguments.DISABLE_CHAP, Arguments.REQUIRE_CHAP, Arguments.MUTUAL_CHAP, Arguments.CHAP_GROUP)
            .saved()
            .does(call -> {
                target.nodes.auth(call.string("name"), Arguments.policy(call, AuthPolicy.FREE));
                return true;
            });
    }

    private RpcMethod addMaps() {
        return RpcMethod.named("iscsi_target_node_add_pg_ig_maps", "iscsi", "node-map", "Lets more initiators use a target node")
            .takes(Arguments.NAME, Arguments.MAPS)
            .saved()
            .does(call -> {
                target.nodes.map(call.string("name"), Arguments.maps(call));
                return true;
            });
    }

    private RpcMethod removeMaps() {
        return RpcMethod.named("iscsi_target_node_remove_pg_ig_maps", "iscsi", "node-unmap",
                "Shuts initiators out of a target node; their sessions end")
            .takes(Arguments.NAME, Arguments.MAPS)
            .saved()
            .does(call -> {
                target.nodes.unmap(call.string("name"), Arguments.maps(call));
                return true;
            });
    }

    private RpcMethod setRedirect() {
        return RpcMethod.named("iscsi_target_node_set_redirect", "iscsi", "node-set-redirect",
                "Sends initiators that log in by a group of portals elsewhere; without an address, no more")
            .takes(Arguments.NAME, RpcParameter.required("pg_tag", Type.I32, "Number of the portal group").of(Kind.PORTAL_GROUP),
                RpcParameter.optional("redirect_host", Type.STRING, "Numeric address").of(Kind.ADDRESS),
                RpcParameter.optional("redirect_port", Type.STRING, "Port").of(Kind.PORT))
            .saved()
            .with(Effect.set("iscsi_target_node_set_redirect", Map.of(), "name", "pg_tag"))
            .does(this::setRedirect);
    }

    private Object setRedirect(RpcCall call) throws StorageException {
        boolean one = call.has("redirect_host") != call.has("redirect_port");
        if (one) {
            throw Arguments.invalid("redirect_host and redirect_port go together");
        }
        Portal other = call.has("redirect_host") ? Arguments.portal(call.string("redirect_host"), call.string("redirect_port")) : null;
        target.nodes.redirect(call.string("name"), Arguments.number(call, "pg_tag", 0), other);
        return true;
    }

    private RpcMethod requestLogout() {
        return RpcMethod.named("iscsi_target_node_request_logout", "iscsi", "node-request-logout",
                "Asks the initiators of a target node to log out; sessions of those that do not within 30 s end")
            .takes(Arguments.NAME, RpcParameter.optional("pg_tag", Type.I32, "Only those that came by this portal group").of(Kind.PORTAL_GROUP))
            .does(call -> {
                target.nodes.requestLogout(call.string("name"), Arguments.number(call, "pg_tag", ANY_GROUP));
                return true;
            });
    }
}
