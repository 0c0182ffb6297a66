package dev.karst.reactor.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.karst.base.StorageException;
import dev.karst.reactor.IdlePolicy;
import dev.karst.rpc.RpcCall;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The management of the reactors. */
class ReactorMethodsTest {
    private PinnedReactors reactors;

    @BeforeEach
    void start() throws StorageException {
        reactors = new PinnedReactors(new FakeEnvironment(2), new TestSettings("1,0", "adaptive", 20));
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
}
