package dev.karst.iscsi.rpc;

import dev.karst.base.Histogram;
import dev.karst.base.StorageException;
import dev.karst.iscsi.IscsiTarget;
import dev.karst.iscsi.session.Group;
import dev.karst.rpc.RpcError;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The methods that show what goes on. */
final class ShowMethods {
    private final IscsiTarget target;

    ShowMethods(IscsiTarget target) {
        this.target = target;
    }

    List<RpcMethod> methods() {
        return List.of(getConnections(), getStats(), enableHistogram(), getHistogram());
    }

    private RpcMethod getConnections() {
        return RpcMethod.named("iscsi_get_connections", "iscsi", "connection-list", "Lists connections")
            .shows("ID", "id").shows("SESSION", "tsih").shows("CID", "cid").shows("INITIATOR", "initiator_addr")
            .shows("PORTAL", "target_addr").shows("NODE", "target_node_name").shows("REACTOR", "lcore_id")
            .readOnly()
            .does(_ -> ofAll());
    }

    private List<Map<String, Object>> ofAll() throws StorageException {
        List<Map<String, Object>> all = new ArrayList<>();
        for (Group group : target.groups()) {
            for (Group.Described connection : target.reactors().call(group.reactor(), _ -> group.connections())) {
                var map = new LinkedHashMap<String, Object>();
                map.put("id", (long) connection.id());
                map.put("cid", (long) connection.cid());
                map.put("tsih", (long) connection.tsih());
                map.put("lcore_id", (long) group.reactor().id());
                map.put("initiator_addr", connection.peer());
                map.put("initiator_name", connection.initiator());
                map.put("target_addr", connection.local());
                map.put("target_node_name", connection.node());
                all.add(map);
            }
        }
        return all;
    }

    private RpcMethod getStats() {
        return RpcMethod.named("iscsi_get_stats", "iscsi", "stats", "Counts connections by state, and what they have done")
            .readOnly()
            .does(_ -> {
                var sums = new LinkedHashMap<String, Long>();
                for (String state : List.of("invalid", "running", "exiting", "exited")) {
                    sums.put(state, 0L);
                }
                for (Group group : target.groups()) {
                    target.reactors().call(group.reactor(), _ -> {
                        group.count(sums);
                        return null;
                    });
                    group.counters().addTo(sums);
                }
                return sums;
            });
    }

    private RpcMethod enableHistogram() {
        return RpcMethod.named("iscsi_enable_histogram", "iscsi", "node-enable-histogram",
                "Begins to measure how long a target node's commands take, or ends it")
            .takes(Arguments.NAME, RpcParameter.required("enable", Type.BOOLEAN, "Whether to measure"))
            .does(call -> {
                target.nodes.node(call.string("name")).measure(call.flag("enable", false) ? target.groups().size() : 0);
                return true;
            });
    }

    private RpcMethod getHistogram() {
        return RpcMethod.named("iscsi_get_histogram", "iscsi", "node-get-histogram", "Gives how long a target node's commands took")
            .takes(Arguments.NAME)
            .readOnly()
            .does(call -> {
                Histogram latencies = target.nodes.node(call.string("name")).latencies();
                if (latencies == null) {
                    throw new StorageException(RpcError.INTERNAL_ERROR, "Bad address: the latencies of " + call.string("name")
                        + " are not measured; iscsi_enable_histogram begins it");
                }
                return latencies.plain();
            });
    }
}
