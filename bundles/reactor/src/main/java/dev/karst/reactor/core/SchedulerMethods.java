package dev.karst.reactor.core;

import dev.karst.base.StorageException;
import dev.karst.reactor.Cpumask;
import dev.karst.rpc.ConfigSource;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcError;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Type;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * SPDK's methods about who runs where. What belongs to a reactor stays on it, which is SPDK's scheduler static; no governor
 * sets the speed of processors.
 */
final class SchedulerMethods {
    private static final String SCOPE = "reactor";
    private static final String STATIC = "static";

    private final List<LoopThread> threads;
    private final ProcessorLocks locks;
    private final SwitchMonitor switches;

    SchedulerMethods(List<LoopThread> threads, ProcessorLocks locks, SwitchMonitor switches) {
        this.threads = threads;
        this.locks = locks;
        this.switches = switches;
    }

    List<RpcMethod> methods() {
        return List.of(
            RpcMethod.named("framework_get_scheduler", SCOPE, "get-scheduler", "Tells how work is spread, in SPDK's form")
                .readOnly()
                .does(_ -> getScheduler()),
            RpcMethod.named("framework_set_scheduler", SCOPE, "set-scheduler", "Chooses the one scheduler that there is")
                .takes(
                    RpcParameter.required("name", Type.STRING, "Its name: static"),
                    RpcParameter.optional("period", Type.U64, "Without effect, in us").initially("1000000"),
                    RpcParameter.optional("load_limit", Type.U16, "Of another scheduler: refused"),
                    RpcParameter.optional("core_limit", Type.U16, "Of another scheduler: refused"),
                    RpcParameter.optional("core_busy", Type.U16, "Of another scheduler: refused"),
                    RpcParameter.optional("mappings", Type.STRING, "Refused: reactors do not move"))
                .does(this::setScheduler),
            RpcMethod.named("framework_get_governor", SCOPE, "get-governor",
                    "Tells what sets the speed of processors, in SPDK's form: nothing does")
                .readOnly()
                .does(_ -> Map.of()),
            RpcMethod.named("framework_monitor_context_switch", SCOPE, "monitor-switches",
                    "Tells whether the log says how often reactors are taken off their processors, and sets it")
                .takes(RpcParameter.optional("enabled", Type.BOOLEAN, "Whether it does from now on").initially("as it is"))
                .does(this::monitorSwitches),
            RpcMethod.named("framework_enable_cpumask_locks", SCOPE, "lock-processors",
                    "Takes the locks of the reactors' processors, which SPDK's programs take too")
                .does(_ -> lock()),
            RpcMethod.named("framework_disable_cpumask_locks", SCOPE, "unlock-processors",
                    "Gives the locks of the reactors' processors back")
                .does(_ -> {
                    locks.giveAll();
                    return true;
                }));
    }

    private Object monitorSwitches(RpcCall call) {
        switches.enable(call.flag("enabled", switches.isEnabled()));
        return Map.of("enabled", switches.isEnabled());
    }

    private Object getScheduler() {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("scheduler_name", STATIC);
        answer.put("scheduler_period", 0L);
        answer.put("isolated_core_mask", "0");
        answer.put("scheduling_core", (long) Cpumask.core(threads.getFirst().loop()));
        return answer;
    }

    private Object setScheduler(RpcCall call) throws StorageException {
        if (!call.string("name").equals(STATIC)) {
            throw refusal("there is no scheduler " + call.string("name") + "; there is static");
        }
        for (String other : List.of("load_limit", "core_limit", "core_busy", "mappings")) {
            if (call.has(other)) {
                throw refusal("the scheduler static has no " + other);
            }
        }
        return true;
    }

    private static StorageException refusal(String what) {
        return new StorageException(RpcError.INTERNAL_ERROR, "Invalid argument: " + what);
    }

    private Object lock() throws StorageException {
        locks.take(threads.stream().map(thread -> thread.loop().processor()).filter(processor -> processor >= 0).toList());
        return true;
    }

    /** SPDK's saved files hold it. */
    List<ConfigSource.Call> calls() {
        return List.of(new ConfigSource.Call("framework_set_scheduler", Map.of("name", STATIC)));
    }
}
