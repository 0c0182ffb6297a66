package dev.karst.iscsi.rpc;

import dev.karst.iscsi.IscsiTarget;
import dev.karst.rpc.Effect;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Kind;
import dev.karst.rpc.RpcParameter.Type;
import java.util.List;

/** The methods about initiator groups. */
final class InitiatorMethods {
    private static final String NAMES = "Names of initiators, ANY, or either after ! for those who may not";
    private static final String NETMASKS = "Where they may come from: addresses, with /BITS or not, or ANY";

    private static final RpcParameter TAG = Arguments.TAG.of(Kind.INITIATOR_GROUP);

    private final IscsiTarget target;

    InitiatorMethods(IscsiTarget target) {
        this.target = target;
    }

    List<RpcMethod> methods() {
        return List.of(create(), delete(), list(), add(), remove());
    }

    private RpcMethod create() {
        return RpcMethod.named("iscsi_create_initiator_group", "iscsi", "initiator-group-create", "Says who a group of initiators is")
            .takes(Arguments.TAG, RpcParameter.required("initiators", Type.LIST, NAMES),
                RpcParameter.required("netmasks", Type.LIST, NETMASKS))
            .saved()
            .with(Effect.made("iscsi_delete_initiator_group", "tag"))
            .does(call -> {
                target.initiators.create(Arguments.number(call, "tag", 0), call.strings("initiators"), call.strings("netmasks"));
                return true;
            });
    }

    private RpcMethod delete() {
        return RpcMethod.named("iscsi_delete_initiator_group", "iscsi", "initiator-group-delete",
                "Deletes a group of initiators; sessions that it let in end")
            .takes(TAG)
            .saved()
            .does(call -> {
                target.initiators.delete(Arguments.number(call, "tag", 0));
                return true;
            });
    }

    private RpcMethod list() {
        return RpcMethod.named("iscsi_get_initiator_groups", "iscsi", "initiator-group-list", "Lists groups of initiators")
            .shows("TAG", "tag").shows("INITIATORS", "initiators").shows("NETMASKS", "netmasks")
            .readOnly()
            .does(_ -> target.catalogue().initiatorGroups().values().stream().map(IscsiJson::initiatorGroup).toList());
    }

    private RpcMethod add() {
        return RpcMethod.named("iscsi_initiator_group_add_initiators", "iscsi", "initiator-add", "Adds to a group of initiators")
            .takes(TAG, RpcParameter.optional("initiators", Type.LIST, NAMES),
                RpcParameter.optional("netmasks", Type.LIST, NETMASKS))
            .saved()
            .does(call -> {
                target.initiators.add(Arguments.number(call, "tag", 0), call.strings("initiators"), call.strings("netmasks"));
                return true;
            });
    }

    private RpcMethod remove() {
        return RpcMethod.named("iscsi_initiator_group_remove_initiators", "iscsi", "initiator-remove",
                "Takes out of a group of initiators; sessions that nothing else lets in end")
            .takes(TAG, RpcParameter.optional("initiators", Type.LIST, NAMES),
                RpcParameter.optional("netmasks", Type.LIST, NETMASKS))
            .saved()
            .does(call -> {
                target.initiators.remove(Arguments.number(call, "tag", 0), call.strings("initiators"), call.strings("netmasks"));
                return true;
            });
    }
}
