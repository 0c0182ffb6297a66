package dev.karst.reactor.core;

import dev.karst.base.StorageException;
import dev.karst.env.Environment;
import dev.karst.reactor.Cpumask;
import dev.karst.reactor.ReactorStatistics;
import dev.karst.reactor.Reactors;
import dev.karst.reactor.Timer;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcError;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Type;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** SPDK's methods about threads. */
final class ThreadMethods {
    private static final String SCOPE = "reactor";

    private final Reactors reactors;
    private final Environment environment;
    private final List<LoopThread> threads;

    /**
     * What a reactor is asked to do, as it was at one time.
     *
     * @param dueNanos when the timers are due, by their places
     */
    private record Work(List<PollerList.Tally> pollers, Timer[] timers, long[] dueNanos, long nowNanos) {
        static Work of(EventLoop loop) {
            Timer[] timers = loop.scheduled();
            long[] due = new long[timers.length];
            for (int i = 0; i < due.length; i++) {
                due[i] = timers[i].dueNanos();
            }
            return new Work(loop.pollers(), timers, due, loop.nowNanos());
        }
    }

    ThreadMethods(Reactors reactors, Environment environment, List<LoopThread> threads) {
        this.reactors = reactors;
        this.environment = environment;
        this.threads = threads;
    }

    List<RpcMethod> methods() {
        return List.of(
            RpcMethod.named("thread_get_stats", SCOPE, "get-threads", "Tells what the threads have done, in SPDK's form")
                .readOnly()
                .does(_ -> answer(threads.stream().map(thread -> statistics(thread.loop())).toList())),
            RpcMethod.named("thread_get_pollers", SCOPE, "get-pollers", "Tells what the threads are asked to do, in SPDK's form")
                .readOnly()
                .does(_ -> getPollers()),
            RpcMethod.named("thread_set_cpumask", SCOPE, "set-cpumask",
                    "Succeeds when the mask holds the processor that the reactor is bound to; it does not move")
                .takes(
                    RpcParameter.required("id", Type.U64, "The thread's number, one above its reactor's"),
                    RpcParameter.required("cpumask", Type.STRING, "Processors, such as 0x3 or [0,2-4]"))
                .does(this::setMask));
    }

    private static Map<String, Object> answer(List<?> threads) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("tick_rate", SpdkThreads.TICKS_PER_SECOND);
        answer.put("threads", threads);
        return answer;
    }

    private static Map<String, Object> named(EventLoop loop) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("name", SpdkThreads.name(loop));
        answer.put("id", SpdkThreads.id(loop));
        return answer;
    }

    private Map<String, Object> statistics(EventLoop loop) {
        ReactorStatistics statistics = loop.statistics();
        Map<String, Object> answer = named(loop);
        answer.put("cpumask", SpdkThreads.mask(loop, environment));
        answer.put("busy", statistics.busyNanos());
        answer.put("idle", statistics.idleNanos());
        answer.put("in_interrupt", SpdkThreads.isInterrupt(loop));
        answer.put("active_pollers_count", (long) statistics.pollers());
        answer.put("timed_pollers_count", (long) loop.timers());
        answer.put("paused_pollers_count", 0L);
        return answer;
    }

    private Object getPollers() throws StorageException {
        List<Map<String, Object>> list = new ArrayList<>();
        for (LoopThread thread : threads) {
            EventLoop loop = thread.loop();
            Work work = reactors.call(loop, _ -> Work.of(loop));
            Map<String, Object> answer = named(loop);
            answer.put("active_pollers", active(work));
            answer.put("timed_pollers", timed(work));
            answer.put("paused_pollers", List.of());
            list.add(answer);
        }
        return answer(list);
    }

    private static List<Map<String, Object>> active(Work work) {
        List<Map<String, Object>> list = new ArrayList<>();
        for (PollerList.Tally tally : work.pollers()) {
            list.add(poller(tally.poller(), list.size() + 1L, tally.asked(), tally.found()));
        }
        return list;
    }

    /** A timer runs once, so one that waits has not run; its period is the time that is left. */
    private static List<Map<String, Object>> timed(Work work) {
        List<Map<String, Object>> list = new ArrayList<>();
        for (Timer timer : work.timers()) {
            long left = Math.max(0, work.dueNanos()[list.size()] - work.nowNanos());
            Map<String, Object> answer = poller(timer, work.pollers().size() + list.size() + 1L, 0, 0);
            answer.put("period_ticks", left);
            list.add(answer);
        }
        return list;
    }

    private static Map<String, Object> poller(Object poller, long id, long asked, long found) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("name", name(poller.getClass().getName()));
        answer.put("id", id);
        answer.put("state", "waiting");
        answer.put("run_count", asked);
        answer.put("busy_count", found);
        return answer;
    }

    /** The class without its package; one without a name goes by the class around it. */
    private static String name(String type) {
        return type.substring(type.lastIndexOf('.') + 1).replaceAll("\\$\\d+$", "").replace('$', '.');
    }

    /** SPDK's codes and words; a reactor has one processor for life, so that no other can be asked for. */
    private Object setMask(RpcCall call) throws StorageException {
        long id = call.number("id");
        EventLoop loop = threads.stream().map(LoopThread::loop).filter(each -> SpdkThreads.id(each) == id).findFirst()
            .orElseThrow(() -> RpcError.invalidParameters("Thread " + id + " does not exist"));
        BigInteger mask = Cpumask.parse(call.string("cpumask")).orElseThrow(
            () -> new StorageException(RpcError.INTERNAL_ERROR, "Invalid cpumask " + call.string("cpumask")));
        if (mask.and(SpdkThreads.processors(loop, environment)).signum() == 0) {
            throw new StorageException(RpcError.INTERNAL_ERROR, "No CPU is selected from reactor mask "
                + SpdkThreads.mask(loop, environment) + ": reactor " + loop.id()
                + " does not move; etc/dev.karst.reactor.cfg says which processors there are reactors on");
        }
        return true;
    }
}
