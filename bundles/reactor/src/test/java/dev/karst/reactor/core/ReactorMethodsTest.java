package dev.karst.reactor.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.karst.base.StorageException;
import dev.karst.reactor.IdlePolicy;
import dev.karst.reactor.Poller;
import dev.karst.reactor.Timer;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcError;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The management of the reactors. */
class ReactorMethodsTest {
    private final FakeEnvironment environment = new FakeEnvironment(2);
    private PinnedReactors reactors;

    @BeforeEach
    void start() throws StorageException {
        reactors = new PinnedReactors(environment, new TestSettings("1,0", "adaptive", 20));
    }

    @AfterEach
    void stop() {
        reactors.stop();
    }

    @SuppressWarnings("unchecked")
    private Map<String, Object> call(String name) throws StorageException {
        return (Map<String, Object>) call(name, Map.of());
    }

    private Object call(String name, Map<String, Object> parameters) throws StorageException {
        return reactors.methods().stream().filter(method -> method.name().equals(name)).findFirst().orElseThrow()
            .handler().call(new RpcCall(parameters, _ -> {}, () -> false));
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> list(Map<String, Object> answer, String name) {
        return (List<Map<String, Object>>) answer.get(name);
    }

    @Test
    void shouldAnswerWithTheFieldsOfSpdkWhenAskedForReactors() throws Exception {
        Map<String, Object> answer = call("framework_get_reactors");
        assertEquals(Set.of("tick_rate", "pid", "reactors"), answer.keySet());
        assertEquals(1_000_000_000L, answer.get("tick_rate"));
        Map<String, Object> first = list(answer, "reactors").getFirst();
        assertEquals(
            Set.of("lcore", "tid", "busy", "idle", "in_interrupt", "irq", "sys", "usr", "lw_threads"), first.keySet());
        assertEquals(1L, first.get("lcore"));
        Map<String, Object> thread = list(first, "lw_threads").getFirst();
        assertEquals(Set.of("name", "id", "cpumask", "elapsed"), thread.keySet());
        assertEquals("2", thread.get("cpumask"));
    }

    @Test
    void shouldAnswerWithTheFieldsOfSpdkWhenAskedForThreads() throws Exception {
        Map<String, Object> answer = call("thread_get_stats");
        assertEquals(Set.of("tick_rate", "threads"), answer.keySet());
        assertEquals(
            Set.of("name", "id", "cpumask", "busy", "idle", "in_interrupt", "active_pollers_count",
                "timed_pollers_count", "paused_pollers_count"),
            list(answer, "threads").getFirst().keySet());
    }

    @Test
    void shouldChangeOneOrAllWhenThePolicyIsSet() throws Exception {
        call("reactor_set_idle_policy", Map.of("policy", "poll"));
        call("reactor_set_idle_policy", Map.of("policy", "interrupt", "reactor", 1L));
        assertEquals(IdlePolicy.POLL, reactors.all().get(0).idlePolicy());
        assertEquals(IdlePolicy.INTERRUPT, reactors.all().get(1).idlePolicy());
        var refused = assertThrows(
            StorageException.class, () -> call("reactor_set_idle_policy", Map.of("policy", "poll", "reactor", 2L)));
        assertEquals("there is no reactor 2; there are 0 to 1", refused.getMessage());
    }

    @Test
    void shouldListOneRowForEachReactor() throws Exception {
        assertEquals(2, ((List<?>) call("reactor_get_reactors", Map.of())).size());
    }

    @Test
    void shouldTellWhatPollersHaveDoneWhenAskedForThem() throws Exception {
        reactors.call(reactors.all().getFirst(), reactor -> {
            reactor.add(new Sometimes());
            reactor.schedule(new Never(), 3_600_000_000_000L);
            return null;
        });
        Map<String, Object> first = list(call("thread_get_pollers"), "threads").getFirst();
        Map<String, Object> active = list(first, "active_pollers").getFirst();
        assertEquals(List.of("name", "id", "state", "run_count", "busy_count"), List.copyOf(active.keySet()));
        assertEquals("ReactorMethodsTest.Sometimes", active.get("name"));
        while ((Long) active.get("run_count") < 100) {
            active = list(list(call("thread_get_pollers"), "threads").getFirst(), "active_pollers").getFirst();
        }
        long runs = (Long) active.get("run_count");
        assertEquals(runs / 2, (Long) active.get("busy_count"), 1);
        Map<String, Object> timed = list(first, "timed_pollers").getFirst();
        assertEquals("ReactorMethodsTest.Never", timed.get("name"));
        assertEquals(3_600e9, (double) (Long) timed.get("period_ticks"), 60e9);
    }

    /** Finds something every other time. */
    private static final class Sometimes extends Poller {
        private boolean found;

        @Override
        public int poll() {
            found = !found;
            return found ? 1 : 0;
        }

        @Override
        public boolean announcesWork() {
            return false;
        }
    }

    private static final class Never extends Timer {
        @Override
        public void expired() {}
    }

    @Test
    void shouldTakeAMaskOnlyWhenItHoldsTheReactorsProcessor() throws Exception {
        assertEquals(true, call("thread_set_cpumask", Map.of("id", 1L, "cpumask", "0x2")));
        assertEquals(true, call("thread_set_cpumask", Map.of("id", 2L, "cpumask", "[0,4-6]")));
        refused(RpcError.INTERNAL_ERROR, "thread_set_cpumask", Map.of("id", 1L, "cpumask", "1"));
        refused(RpcError.INTERNAL_ERROR, "thread_set_cpumask", Map.of("id", 1L, "cpumask", "[1"));
        refused(RpcError.INVALID_PARAMS, "thread_set_cpumask", Map.of("id", 3L, "cpumask", "1"));
    }

    private void refused(int code, String method, Map<String, Object> parameters) {
        assertEquals(code, assertThrows(StorageException.class, () -> call(method, parameters)).code());
    }

    @Test
    void shouldHaveTheSchedulerStaticAndNoOtherWhenAskedForOne() throws Exception {
        assertEquals("static", call("framework_get_scheduler").get("scheduler_name"));
        assertEquals(true, call("framework_set_scheduler", Map.of("name", "static")));
        refused(RpcError.INTERNAL_ERROR, "framework_set_scheduler", Map.of("name", "dynamic"));
        refused(RpcError.INTERNAL_ERROR, "framework_set_scheduler", Map.of("name", "static", "mappings", "1:0"));
        assertEquals(Map.of(), call("framework_get_governor"));
    }

    @Test
    void shouldTakeAllProcessorsLocksOrNoneWhenAskedTo() throws Exception {
        environment.lockedElsewhere.add(0);
        refused(RpcError.INTERNAL_ERROR, "framework_enable_cpumask_locks", Map.of());
        assertEquals(Set.of(), environment.locked);
        environment.lockedElsewhere.clear();
        call("framework_enable_cpumask_locks", Map.of());
        call("framework_enable_cpumask_locks", Map.of());
        assertEquals(Set.of(0, 1), environment.locked);
        call("framework_disable_cpumask_locks", Map.of());
        assertEquals(Set.of(), environment.locked);
        call("framework_enable_cpumask_locks", Map.of());
        reactors.stop();
        assertEquals(Set.of(), environment.locked);
    }

    @Test
    void shouldTellHowOftenReactorsWereDisturbedWhenItIsSwitchedOn() throws Exception {
        List<String> told = new ArrayList<>();
        var loop = new EventLoop(7, environment, environment.openEventSet(), (_, _) -> {}, IdlePolicy.INTERRUPT, 0);
        var thread = new LoopThread(loop, environment, environment.clock(), 0);
        var monitor = new SwitchMonitor(environment, List.of(thread), told::add);
        monitor.look();
        loop.round();
        assertEquals(0, loop.statistics().messages());
        monitor.enable(true);
        for (long count : new long[] {5, 5, 8}) {
            environment.switches = count;
            monitor.look();
            monitor.look();
            loop.round();
        }
        monitor.look();
        assertEquals(List.of("reactor 7 was taken off its processor 3 times"), told);
        assertEquals(Map.of("enabled", false), call("framework_monitor_context_switch"));
        assertEquals(Map.of("enabled", true), call("framework_monitor_context_switch", Map.of("enabled", true)));
    }
}
