package dev.karst.nvmf.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.StorageException;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcChecks;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.json.Json;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Calls that an SPDK target was given, and what it answered: ours must look alike, but for what is listed here. */
class RecordedCallsTest {
    /** Fields that stand for nothing here: SPDK's buffer pools and time-outs. */
    private static final Set<String> LEFT_OUT =
        Set.of("num_shared_buffers", "buf_cache_size", "abort_timeout_sec", "ack_timeout", "data_wr_pool_size");

    @Test
    void shouldAnswerAsSpdkDid() {
        SimWorld.run(1, 2, world -> {
            var stage = new Stage(world);
            stage.module.create("Null0", 64, false, false);
            stage.module.create("lvs0/v0", 64, false, false);
            var wrong = new ArrayList<String>();
            int compared = 0;
            for (String line : lines()) {
                @SuppressWarnings("unchecked")
                Map<String, Object> call = (Map<String, Object>) Json.parse(line);
                String method = (String) call.get("method");
                compare(stage, call, method, wrong);
                compared++;
            }
            assertEquals(List.of(), wrong);
            assertEquals(31, compared);
            stage.close();
        });
    }

    private static List<String> lines() throws Exception {
        try (var in = new BufferedReader(new InputStreamReader(
            RecordedCallsTest.class.getResourceAsStream("spdk-recorded.jsonl"), StandardCharsets.UTF_8))) {
            return in.readAllLines();
        }
    }

    @SuppressWarnings("unchecked")
    private static void compare(Stage stage, Map<String, Object> call, String method, List<String> wrong)
        throws Exception {
        Object expected = call.get("result");
        boolean wantsHost = expected instanceof List<?> list && !list.isEmpty()
            && Set.of("nvmf_subsystem_get_controllers", "nvmf_subsystem_get_qpairs").contains(method);
        if (wantsHost && stage.transport.connections.isEmpty()) {
            connectAsRecorded(stage);
        }
        try {
            Object result = stage.callWith(method, (Map<String, Object>) call.get("params"));
            if (expected == null) {
                wrong.add(method + " succeeded, but should say " + call.get("error"));
            } else {
                shapes(method, expected, result, wrong);
            }
        } catch (StorageException e) {
            var error = (Map<String, Object>) call.get("error");
            boolean alike = error != null && (long) e.code() == (Long) error.get("code")
                && e.getMessage().startsWith((String) error.get("message"));
            if (!alike) {
                wrong.add(method + call.get("params") + " says " + e.code() + " " + e.getMessage() + ", but should "
                    + call);
            }
        }
    }

    private static void connectAsRecorded(Stage stage) throws Exception {
        var elsewhere = new dev.karst.nvmf.ListenAddress("TCP", "IPv4", "127.0.0.1", "14420");
        FakeConnection connection = stage.connect(stage.world.reactor(0), elsewhere);
        assertEquals(0, Host.connect(stage, connection, new Host.Connecting()).status());
    }

    private static void shapes(String where, Object expected, Object actual, List<String> wrong) {
        if (expected instanceof Map<?, ?> map && actual instanceof Map<?, ?> ours) {
            var missing = new TreeSet<String>();
            map.keySet().forEach(key -> missing.add((String) key));
            ours.keySet().forEach(missing::remove);
            missing.removeAll(LEFT_OUT);
            if (!missing.isEmpty()) {
                wrong.add(where + " lacks " + missing);
            }
            for (var entry : map.entrySet()) {
                if (ours.containsKey(entry.getKey())) {
                    shapes(where + "." + entry.getKey(), entry.getValue(), ours.get(entry.getKey()), wrong);
                }
            }
        } else if (expected instanceof List<?> list && actual instanceof List<?> ours) {
            if (list.isEmpty() != ours.isEmpty()) {
                wrong.add(where + " has " + ours.size() + " elements, but should " + list.size());
            }
            for (int i = 0; i < Math.min(list.size(), ours.size()); i++) {
                shapes(where + "[" + i + "]", list.get(i), ours.get(i), wrong);
            }
        } else if (!expected.getClass().equals(actual.getClass())) {
            wrong.add(where + " is " + actual + ", but should be like " + expected);
        }
    }

    @Test
    void shouldTellByReactorWhatTransportsHaveDoneWhenAskedForStatistics() {
        SimWorld.run(6, 3, world -> {
            Stage stage = Stage.usual(world);
            int last = world.reactors().all().size() - 1;
            new Host(stage, world.reactor(last));
            List<?> groups = (List<?>) ((Map<?, ?>) stage.call("nvmf_get_stats")).get("poll_groups");
            for (int i = 0; i <= last; i++) {
                assertEquals("[{\"trtype\":\"TCP\",\"connections\":" + (i == last ? 1 : 0) + "}]",
                    Json.text(((Map<?, ?>) groups.get(i)).get("transports")));
            }
            stage.target.removeProvider(stage.transport);
            assertTrue(Json.text(stage.call("nvmf_get_stats")).contains("[{\"trtype\":\"TCP\"}]"));
            stage.close();
        });
    }

    @Test
    void shouldComeBackWhenItsConfigurationIsReplayed() {
        SimWorld.run(2, 2, world -> {
            Stage stage = Stage.usual(world);
            stage.call("nvmf_delete_subsystem", "nqn", Stage.NQN);
            fill(stage);
            String before = all(stage);
            var calls = stage.management.calls();
            // SPDK refuses a list.
            assertEquals(Map.of("discovery_filter", "transport,svcid"), calls.getFirst().parameters());
            stage.call("nvmf_delete_subsystem", "nqn", Stage.NQN);
            stage.call("nvmf_discovery_remove_referral", "address", Stage.address("9999"));
            stage.call("nvmf_set_config", "discovery_filter", "match_any");
            stage.call("nvmf_set_max_subsystems", "max_subsystems", 1024);
            for (var call : calls) {
                if (!call.method().equals("nvmf_create_transport")) {
                    stage.callWith(call.method(), call.parameters());
                }
            }
            assertEquals(before, all(stage));
            stage.close();
        });
    }

    private static void fill(Stage stage) throws StorageException {
        stage.call("nvmf_set_config", "discovery_filters", List.of("transport", "svcid"));
        stage.call("nvmf_set_max_subsystems", "max_subsystems", 7);
        stage.call("nvmf_discovery_add_referral", "address", Stage.address("9999"));
        stage.call("nvmf_create_subsystem", "nqn", Stage.NQN, "ana_reporting", true, "max_namespaces", 8,
            "allow_any_host", true);
        stage.call("nvmf_subsystem_add_ns", "nqn", Stage.NQN, "namespace",
            Map.of("bdev_name", "Malloc0", "anagrpid", 3L, "no_auto_visible", true));
        stage.call("nvmf_ns_add_host", "nqn", Stage.NQN, "nsid", 1, "host", Stage.HOST);
        stage.call("nvmf_subsystem_set_ns_ana_group", "nqn", Stage.NQN, "nsid", 1, "anagrpid", 2);
        stage.call("nvmf_subsystem_add_listener", "nqn", Stage.NQN, "listen_address", Stage.address("4420"),
            "karst_advertise", Map.of("traddr", "192.0.2.7", "trsvcid", "4421"), "ana_state", "non_optimized");
        stage.call("nvmf_subsystem_listener_set_ana_state", "nqn", Stage.NQN, "listen_address", Stage.address("4420"),
            "ana_state", "inaccessible", "anagrpid", 2);
    }

    private static String all(Stage stage) throws StorageException {
        return Json.text(stage.call("nvmf_get_subsystems")) + Json.text(stage.call("nvmf_get_transports"))
            + Json.text(stage.call("nvmf_subsystem_get_listeners", "nqn", Stage.NQN))
            + Json.text(stage.call("nvmf_discovery_get_referrals"))
            + Json.text(stage.management.calls().stream().map(call -> call.parameters()).toList());
    }

    /** What makes the same thing again, as a journal keeps it. */
    private static Map<String, Object> repeatable(Stage stage, String name, Map<String, Object> parameters) throws StorageException {
        RpcMethod method = stage.method(name);
        RpcCall call = RpcChecks.check(method, parameters);
        method.handler().call(call);
        assertTrue(method.saved());
        return call.repeatable();
    }

    @Test
    void shouldTellWhatItChoseWhenTheClientLeftThatOpen() {
        SimWorld.run(4, 2, world -> {
            Stage stage = Stage.usual(world);
            stage.module.create("Null0", 64, false, false);
            assertEquals(Map.of("nqn", Stage.NQN, "namespace", Map.of("bdev_name", "Null0", "nsid", 2L)),
                repeatable(stage, "nvmf_subsystem_add_ns", Map.of("nqn", Stage.NQN, "namespace", Map.of("bdev_name", "Null0"))));
            assertEquals(Map.of("nqn", Stage.NQN, "listen_address", Stage.address("40000")),
                repeatable(stage, "nvmf_subsystem_add_listener", Map.of("nqn", Stage.NQN, "listen_address", Stage.address("0"))));
            stage.close();
        });
    }

    @Test
    void shouldLeaveNothingHalfDoneWhenACallFails() {
        SimWorld.run(3, 2, world -> {
            Stage stage = Stage.usual(world);
            String before = Json.text(stage.call("nvmf_get_subsystems"));
            fails(stage, "nvmf_subsystem_add_listener", "nqn", Stage.NQN, "listen_address", Map.of(
                "trtype", "TCP", "adrfam", "IPv4", "traddr", "198.51.100.1", "trsvcid", "4420"));
            fails(stage, "nvmf_subsystem_add_listener", "nqn", Stage.NQN, "listen_address", Map.of(
                "trtype", "TCP", "adrfam", "IPv6", "traddr", "127.0.0.1", "trsvcid", "4420"));
            fails(stage, "nvmf_subsystem_add_listener", "nqn", Stage.NQN, "listen_address", Map.of(
                "trtype", "RDMA", "adrfam", "IPv4", "traddr", "127.0.0.1", "trsvcid", "4420"));
            stage.transport.refusesToListen = true;
            fails(stage, "nvmf_subsystem_add_listener", "nqn", Stage.NQN, "listen_address", Stage.address("7"));
            fails(stage, "nvmf_subsystem_add_ns", "nqn", Stage.NQN, "namespace", Map.of("bdev_name", "Malloc0"));
            fails(stage, "nvmf_subsystem_add_ns", "nqn", Stage.NQN, "namespace", Map.of("bdev_name", "none"));
            fails(stage, "nvmf_subsystem_add_host", "nqn", Stage.NQN, "host", "nqn.x", "dhchap_key", "key0");
            fails(stage, "nvmf_delete_subsystem", "nqn", "nqn.2014-08.org.nvmexpress.discovery");
            assertEquals(before, Json.text(stage.call("nvmf_get_subsystems")));
            stage.close();
        });
    }

    private static void fails(Stage stage, String method, Object... namesAndValues) {
        try {
            stage.call(method, namesAndValues);
        } catch (StorageException e) {
            return;
        }
        throw new AssertionError(method + " should have failed");
    }

    @Test
    void shouldListenRemotelyOnlyWhenItIsAllowedTo() {
        SimWorld.run(4, 2, world -> {
            Stage stage = Stage.usual(world);
            Map<String, Object> any =
                Map.of("trtype", "TCP", "adrfam", "IPv4", "traddr", "10.0.0.1", "trsvcid", "4420");
            try {
                stage.call("nvmf_subsystem_add_listener", "nqn", Stage.NQN, "listen_address", any);
                throw new AssertionError("should have failed");
            } catch (StorageException e) {
                assertEquals("Invalid parameters: other machines could reach TCP 10.0.0.1:4420 without authentication; "
                    + "if they may, set allow.remote=true in etc/dev.karst.nvmf.cfg", e.getMessage());
            }
            stage.target.allowRemote(true);
            stage.call("nvmf_subsystem_add_listener", "nqn", Stage.NQN, "listen_address", any);
            stage.close();
        });
    }

    @Test
    void shouldListenAgainWhenTheTransportComesBack() {
        SimWorld.run(5, 5, world -> {
            Stage stage = Stage.usual(world);
            var host = new Host(stage, world.reactor(0));
            FakeConnection io = host.ioQueue(world.reactors().next());
            stage.target.removeProvider(stage.transport);
            FakeConnection.check(host.admin.released && io.released, "connections are left");
            stage.target.addProvider(stage.transport);
            assertEquals(Set.of(Stage.listener()), stage.transport.listening);
            new Host(stage, world.reactor(0));
            stage.close();
        });
    }
}
