package dev.karst.reactor.core;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.env.Environment;
import dev.karst.reactor.Cpumask;
import dev.karst.reactor.IdlePolicy;
import dev.karst.reactor.ReactorStatistics;
import dev.karst.reactor.Reactors;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The management of the reactors: methods of our own, and SPDK's one about them. */
final class ReactorMethods {
    private static final long NANOS_PER_JIFFY = 10_000_000L;

    private final Reactors reactors;
    private final Environment environment;
    private final List<LoopThread> threads;
    private final long startNanos;

    ReactorMethods(Reactors reactors, Environment environment, List<LoopThread> threads) {
        this.reactors = reactors;
        this.environment = environment;
        this.threads = threads;
        this.startNanos = environment.clock().nanos();
    }

    List<RpcMethod> methods() {
        return List.of(
            RpcMethod.named("framework_get_reactors", "reactor", "get-reactors", "Lists reactors in SPDK's form")
                .readOnly()
                .does(_ -> getReactors()),
            RpcMethod.named("reactor_get_reactors", "reactor", "list", "Lists reactors and what they have done")
                .readOnly()
                .shows("ID", "id")
                .shows("PROCESSOR", "processor")
                .shows("POLICY", "idle_policy")
                .shows("BUSY %", "busy_percent")
                .shows("ROUNDS", "rounds")
                .shows("SLEEPS", "sleeps")
                .shows("MESSAGES", "messages")
                .shows("POLLERS", "pollers")
                .shows("LONGEST ROUND us", "longest_round_us")
                .shows("FAILURES", "failures")
                .does(_ -> list()),
            RpcMethod.named("karst_reactor_show", "reactor", "info", "Shows what is known of a reactor")
                .takes(RpcParameter.required("reactor", Type.U16, "The reactor").of(RpcParameter.Kind.REACTOR))
                .readOnly()
                .does(call -> row(loop(call), environment.clock().nanos() - startNanos)),
            RpcMethod.named("reactor_set_idle_policy", "reactor", "set-idle-policy", "Sets what an idle reactor does")
                .takes(
                    RpcParameter.required("policy", Type.ENUM, "What it does").oneOf("poll", "adaptive", "interrupt"),
                    RpcParameter.optional("reactor", Type.U16, "The reactor; all when left out").of(RpcParameter.Kind.REACTOR))
                .does(this::setIdlePolicy));
    }

    private Object getReactors() throws StorageException {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("tick_rate", SpdkThreads.TICKS_PER_SECOND);
        answer.put("pid", ProcessHandle.current().pid());
        List<Map<String, Object>> list = new ArrayList<>();
        for (LoopThread thread : threads) {
            list.add(reactor(thread));
        }
        answer.put("reactors", list);
        return answer;
    }

    /** The system's and the interrupts' share of processor time are not known apart from the thread's whole. */
    private Map<String, Object> reactor(LoopThread thread) throws StorageException {
        EventLoop loop = thread.loop();
        ReactorStatistics statistics = loop.statistics();
        long used = reactors.call(loop, _ -> environment.processors().threadNanos());
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("lcore", (long) Cpumask.core(loop));
        answer.put("tid", thread.thread().threadId());
        answer.put("busy", statistics.busyNanos());
        answer.put("idle", statistics.idleNanos());
        answer.put("in_interrupt", SpdkThreads.isInterrupt(loop));
        answer.put("irq", 0L);
        answer.put("sys", 0L);
        answer.put("usr", used / NANOS_PER_JIFFY);
        Map<String, Object> own = new LinkedHashMap<>();
        own.put("name", SpdkThreads.name(loop));
        own.put("id", SpdkThreads.id(loop));
        own.put("cpumask", SpdkThreads.mask(loop, environment));
        own.put("elapsed", environment.clock().nanos() - startNanos);
        answer.put("lw_threads", List.of(own));
        return answer;
    }

    private Object list() {
        return threads.stream().map(thread -> row(thread.loop(), environment.clock().nanos() - startNanos)).toList();
    }

    private static Map<String, Object> row(EventLoop loop, long elapsedNanos) {
        ReactorStatistics statistics = loop.statistics();
        long whole = Math.max(1, statistics.busyNanos() + statistics.idleNanos());
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("id", (long) loop.id());
        answer.put("processor", (long) loop.processor());
        answer.put("idle_policy", loop.idlePolicy().name().toLowerCase(Locale.ROOT));
        answer.put("busy_percent", Math.round(100.0 * statistics.busyNanos() / whole));
        answer.put("rounds", statistics.rounds());
        answer.put("sleeps", statistics.sleeps());
        answer.put("messages", statistics.messages());
        answer.put("pollers", (long) statistics.pollers());
        answer.put("timers", (long) loop.timers());
        answer.put("longest_round_us", statistics.longestRoundNanos() / 1000);
        answer.put("failures", statistics.failures());
        answer.put("busy_ns", statistics.busyNanos());
        answer.put("elapsed_ns", elapsedNanos);
        return answer;
    }

    private Object setIdlePolicy(RpcCall call) throws StorageException {
        IdlePolicy policy = ReactorPlan.policy(call.string("policy"));
        if (!call.has("reactor")) {
            reactors.all().forEach(reactor -> reactor.idlePolicy(policy));
            return true;
        }
        loop(call).idlePolicy(policy);
        return true;
    }

    private EventLoop loop(RpcCall call) throws StorageException {
        long id = call.number("reactor");
        if (id >= threads.size()) {
            throw StorageException.errno(Errno.ENODEV, "there is no reactor " + id + "; there are 0 to " + (threads.size() - 1));
        }
        return threads.get((int) id).loop();
    }
}
