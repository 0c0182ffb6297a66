package dev.karst.nvmf.core.rpc;

import dev.karst.nvmf.core.NvmfTarget;
import dev.karst.nvmf.core.Transports;
import dev.karst.nvmf.core.model.Controller;
import dev.karst.nvmf.core.model.ReactorGroup;
import dev.karst.rpc.RpcMethod;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The methods that tell who uses the target, and what it has done. */
final class StatsMethods {
    private static final long TICK_RATE = 1_000_000_000;

    private final NvmfTarget target;

    StatsMethods(NvmfTarget target) {
        this.target = target;
    }

    List<RpcMethod> methods() {
        return List.of(getControllers(), getQueues(), getStats());
    }

    private RpcMethod getControllers() {
        return RpcMethod
            .named("nvmf_subsystem_get_controllers", "nvmf", "controller-list", "Lists a subsystem's controllers")
            .takes(Arguments.NQN, Arguments.TARGET)
            .shows("ID", "cntlid").shows("TYPE", "cntrltype").shows("HOST", "hostnqn")
            .shows("I/O QUEUES", "num_io_qpairs")
            .readOnly()
            .does(call -> Arguments.subsystem(target, call).controllers().stream().map(NvmfJson::controller).toList());
    }

    private RpcMethod getQueues() {
        return RpcMethod
            .named("nvmf_subsystem_get_qpairs", "nvmf", "queue-list", "Lists the queues of a subsystem's controllers")
            .takes(Arguments.NQN, Arguments.TARGET)
            .shows("CONTROLLER", "cntlid").shows("QUEUE", "qid").shows("THREAD", "thread").shows("HOST", "hostnqn")
            .shows("PEER", "peer_address.traddr").shows("PORT", "peer_address.trsvcid")
            .readOnly()
            .does(call -> {
                var found = new ArrayList<Map<String, Object>>();
                for (Controller controller : Arguments.subsystem(target, call).controllers()) {
                    found.addAll(target.reactors().call(controller.reactor(), _ ->
                        controller.queues().stream().map(queue -> NvmfJson.queue(controller, queue)).toList()));
                }
                return found;
            });
    }

    private RpcMethod getStats() {
        return RpcMethod.named("nvmf_get_stats", "nvmf", "stats", "Tells what the target and its transports have done, by reactor")
            .takes(Arguments.TARGET)
            .readOnly()
            .does(call -> {
                List<Transports.Slot> transports = target.transports();
                var groups = new ArrayList<Object>();
                for (ReactorGroup group : target.groups()) {
                    groups.add(target.reactors().call(group.reactor, _ -> NvmfJson.group(group, transports)));
                }
                var stats = new LinkedHashMap<String, Object>();
                stats.put("tick_rate", TICK_RATE);
                stats.put("poll_groups", groups);
                return stats;
            });
    }
}
