package dev.karst.iscsi.rpc;

import dev.karst.base.StorageException;
import dev.karst.iscsi.IscsiTarget;
import dev.karst.iscsi.model.AuthPolicy;
import dev.karst.iscsi.model.TargetNode;
import dev.karst.rpc.Effect;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Kind;
import dev.karst.rpc.RpcParameter.Type;
import dev.karst.scsi.ScsiDevice;
import java.util.List;

/** The methods about target nodes and their logical units. */
final class NodeMethods {
    private static final int MAX_ALIAS = 255;
    private static final int LOWEST_FREE = -1;

    private final IscsiTarget target;

    NodeMethods(IscsiTarget target) {
        this.target = target;
    }

    List<RpcMethod> methods() {
        return List.of(create(), delete(), list(), addUnit(), removeUnit());
    }

    private RpcMethod create() {
        return RpcMethod.named("iscsi_create_target_node", "iscsi", "node-create", "Makes a target node of block devices")
            .takes(
                RpcParameter.required("name", Type.STRING, "Its name; one without iqn. gets the base in front"),
                RpcParameter.required("alias_name", Type.STRING, "What people call it"),
                Arguments.MAPS,
                RpcParameter.required("luns", Type.LIST, "Its logical units").holding(
                    RpcParameter.optional("lun_id", Type.I32, "Number; the lowest that is free when left out"),
                    RpcParameter.required("bdev_name", Type.STRING, "Block device").of(Kind.BDEV)),
                RpcParameter.required("queue_depth", Type.I32, "Most commands of a session at once, up to 256"),
                Arguments.DISABLE_CHAP, Arguments.REQUIRE_CHAP, Arguments.MUTUAL_CHAP, Arguments.CHAP_GROUP,
                Arguments.flag("header_digest", "Whether sessions must have header digests"),
                Arguments.flag("data_digest", "Whether sessions must have data digests"))
            .saved()
            .with(Effect.made("iscsi_delete_target_node", "name")
                .holding("luns", "iscsi_target_node_add_lun", "karst_iscsi_target_node_remove_lun")
                .holding("pg_ig_maps", "iscsi_target_node_add_pg_ig_maps", "iscsi_target_node_remove_pg_ig_maps"))
            .does(this::create);
    }

    private Object create(RpcCall call) throws StorageException {
        String alias = call.string("alias_name");
        if (alias.length() > MAX_ALIAS || alias.chars().anyMatch(c -> c < ' ')) {
            throw Arguments.invalid("alias_name is not up to " + MAX_ALIAS + " printable characters");
        }
        var spec = new TargetNode.Spec(target.nodes.fullName(call.string("name")), alias, Arguments.number(call, "queue_depth", 0),
            call.flag("header_digest", false), call.flag("data_digest", false));
        List<ScsiDevice.Unit> units = Arguments.objects(call, "luns").stream()
            .map(unit -> new ScsiDevice.Unit(Arguments.number(unit, "lun_id", LOWEST_FREE), unit.string("bdev_name"))).toList();
        TargetNode made = target.nodes.create(spec, Arguments.policy(call, AuthPolicy.FREE), Arguments.maps(call), units);
        call.settle("name", made.name());
        call.settle("luns", IscsiJson.node(made).get("luns"));
        return true;
    }

    private RpcMethod delete() {
        return RpcMethod.named("iscsi_delete_target_node", "iscsi", "node-delete", "Deletes a target node; its sessions end")
            .takes(Arguments.NAME)
            .saved()
            .does(call -> {
                target.nodes.delete(call.string("name"));
                return true;
            });
    }

    private RpcMethod list() {
        return RpcMethod.named("iscsi_get_target_nodes", "iscsi", "node-list", "Lists target nodes")
            .shows("NAME", "name").shows("ALIAS", "alias_name").shows("DEVICES", "luns.bdev_name").shows("LUNS", "luns.lun_id")
            .shows("PORTALS", "pg_ig_maps.pg_tag").shows("INITIATORS", "pg_ig_maps.ig_tag")
            .readOnly()
            .does(_ -> target.catalogue().nodes().values().stream().map(IscsiJson::node).toList());
    }

    private RpcMethod addUnit() {
        return RpcMethod.named("iscsi_target_node_add_lun", "iscsi", "lun-add", "Adds a logical unit to a target node")
            .takes(Arguments.NAME, RpcParameter.required("bdev_name", Type.STRING, "Block device").of(Kind.BDEV),
                RpcParameter.optional("lun_id", Type.I32, "Number; the lowest that is free when left out"))
            .saved()
            .does(call -> {
                int lun = target.nodes.node(call.string("name")).device
                    .addUnit(Arguments.number(call, "lun_id", LOWEST_FREE), call.string("bdev_name"));
                call.settle("lun_id", (long) lun);
                return true;
            });
    }

    private RpcMethod removeUnit() {
        return RpcMethod.named("karst_iscsi_target_node_remove_lun", "iscsi", "lun-remove", "Takes a logical unit from a target node")
            .takes(Arguments.NAME, RpcParameter.required("lun_id", Type.I32, "Number"))
            .saved()
            .does(call -> {
                target.nodes.node(call.string("name")).device.removeUnit(Arguments.number(call, "lun_id", 0));
                return true;
            });
    }
}
