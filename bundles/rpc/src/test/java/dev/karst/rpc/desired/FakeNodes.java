package dev.karst.rpc.desired;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.rpc.ConfigSource;
import dev.karst.rpc.Effect;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Kind;
import dev.karst.rpc.RpcParameter.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/** A layer whose nodes have lists: units on disks, with numbers, and groups that use them. */
final class FakeNodes {
    private final Predicate<Object> isDisk;
    private final Predicate<Object> isGroup;
    private final SequencedMap<String, Node> nodes = new LinkedHashMap<>();

    private record Node(Object alias, Map<Long, Object> units, TreeSet<String> groups) {}

    FakeNodes(Predicate<Object> isDisk, Predicate<Object> isGroup) {
        this.isDisk = isDisk;
        this.isGroup = isGroup;
    }

    List<RpcMethod> methods() {
        RpcParameter node = RpcParameter.required("node", Type.STRING, "The node").of(Kind.TARGET_NODE);
        RpcParameter disk = RpcParameter.required("disk", Type.STRING, "Its disk").of(Kind.BDEV);
        RpcParameter unit = RpcParameter.optional("unit", Type.U32, "Its number");
        RpcParameter users = RpcParameter.required("users", Type.LIST, "Who uses it").holding(
            RpcParameter.required("user", Type.STRING, "The group").of(Kind.SUBSYSTEM));
        return List.of(
            RpcMethod.named("node_create", "node", "create", "Makes a node")
                .takes(node, RpcParameter.optional("alias", Type.STRING, "Alias").initially(""),
                    RpcParameter.required("units", Type.LIST, "Units").holding(unit, disk), users)
                .with(Effect.made("node_delete", "node").holding("units", "unit_add", "unit_remove").holding("users", "user_add", "user_remove"))
                .does(this::create),
            RpcMethod.named("node_delete", "node", "delete", "Deletes").takes(node).does(call -> nodes.remove(find(call, true))),
            RpcMethod.named("unit_add", "node", "unit-add", "Adds a unit").takes(node, unit, disk)
                .does(call -> addUnit(node(call), call.parameters())),
            RpcMethod.named("unit_remove", "node", "unit-remove", "Removes").takes(node, unit)
                .does(call -> known(node(call).units.remove(call.number("unit")) != null)),
            RpcMethod.named("user_add", "node", "user-add", "Adds users").takes(node, users)
                .does(call -> addUsers(node(call), call.parameters())),
            RpcMethod.named("user_remove", "node", "user-remove", "Removes users").takes(node, users)
                .does(call -> known(node(call).groups.removeAll(users(call.parameters())))));
    }

    private static Object known(boolean is) throws StorageException {
        if (!is) {
            throw StorageException.errno(Errno.ENOENT, "No such file or directory");
        }
        return true;
    }

    private String find(RpcCall call, boolean there) throws StorageException {
        known(nodes.containsKey(call.string("node")) == there);
        return call.string("node");
    }

    private Node node(RpcCall call) throws StorageException {
        return nodes.get(find(call, true));
    }

    private Object create(RpcCall call) throws StorageException {
        Node made = new Node(call.parameters().get("alias"), new TreeMap<>(), new TreeSet<>());
        for (Map<?, ?> unit : MemberChange.objects(call.parameters().get("units"))) {
            addUnit(made, unit);
        }
        addUsers(made, call.parameters());
        nodes.put(find(call, false), made);
        return true;
    }

    private Object addUnit(Node node, Map<?, ?> unit) throws StorageException {
        Long number = (Long) unit.get("unit");
        while (number == null || unit.get("unit") == null && node.units.containsKey(number)) {
            number = number == null ? 0 : number + 1;
        }
        known(isDisk.test(unit.get("disk")) && !node.units.containsKey(number));
        node.units.put(number, unit.get("disk"));
        return true;
    }

    private Object addUsers(Node node, Map<String, Object> parameters) throws StorageException {
        for (String user : users(parameters)) {
            known(isGroup.test(user) && node.groups.add(user));
        }
        return true;
    }

    private static List<String> users(Map<String, Object> parameters) {
        return MemberChange.objects(parameters.get("users")).stream().map(user -> (String) user.get("user")).toList();
    }

    /** A disk or a group has gone, and with it whatever was on it. */
    void gone(String name) {
        for (Node node : nodes.values()) {
            node.units.values().removeIf(name::equals);
            node.groups.remove(name);
        }
    }

    List<ConfigSource.Call> calls() {
        List<ConfigSource.Call> calls = new ArrayList<>();
        nodes.forEach((name, node) -> {
            List<Map<String, Object>> units = new ArrayList<>();
            node.units.forEach((number, disk) -> units.add(Map.of("unit", number, "disk", disk)));
            Map<String, Object> parameters = new LinkedHashMap<>(Map.of("node", name, "units", units,
                "users", node.groups.stream().map(user -> Map.of("user", user)).toList()));
            if (node.alias != null) {
                parameters.put("alias", node.alias);
            }
            calls.add(new ConfigSource.Call("node_create", parameters));
        });
        return calls;
    }
}
