package dev.karst.itests.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.karst.base.StorageException;
import dev.karst.reactor.IdlePolicy;
import dev.karst.rpc.ConfigSource;
import dev.karst.rpc.RpcChecks;
import dev.karst.rpc.RpcError;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcRegistry;
import dev.karst.rpc.desired.DesiredMethods;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Declared states against the layers themselves. */
class DesiredStateTest {
    private static final String NQN = "nqn.2026-11.dev.karst:ana";
    private static final Map<String, Object> ADDRESS = address("127.0.0.1", "4429");

    @TempDir
    private Path folder;

    private Stack stack;
    private Registry registry;

    @BeforeEach
    void start() throws Exception {
        stack = new Stack(IdlePolicy.INTERRUPT);
        registry = new Registry(stack);
        call("bdev_malloc_create", Map.of("name", "ram", "num_blocks", 64L, "block_size", 512L));
        call("bdev_set_qos_limit", Map.of("name", "ram", "rw_ios_per_sec", 20000L, "r_mbytes_per_sec", 7L));
        call("bdev_enable_histogram", Map.of("name", "ram", "enable", true, "granularity", 5L));
        call("bdev_aio_create", Map.of("name", "file", "filename", folder.resolve("file").toString(), "create_size_mib", 1L));
        call("bdev_passthru_create", Map.of("name", "top", "base_bdev_name", "file"));
        call("bdev_null_create", Map.of("name", "null", "num_blocks", 8L, "block_size", 4096L));
        call("nvmf_set_config", Map.of("discovery_filters", List.of("transport", "address")));
        call("nvmf_create_subsystem", Map.of("nqn", NQN, "serial_number", "ANA", "ana_reporting", true, "max_namespaces", 4L));
        call("nvmf_subsystem_add_ns", Map.of("nqn", NQN, "namespace", Map.of("bdev_name", "top", "anagrpid", 3L)));
        call("nvmf_subsystem_add_ns", Map.of("nqn", NQN, "namespace",
            Map.of("bdev_name", "ram", "no_auto_visible", true, "eui64", "0123456789abcdef")));
        call("nvmf_ns_add_host", Map.of("nqn", NQN, "nsid", 2L, "host", Served.HOST));
        call("nvmf_subsystem_add_host", Map.of("nqn", Served.CLOSED, "host", Served.HOST));
        call("nvmf_subsystem_add_listener", Map.of("nqn", NQN, "listen_address", ADDRESS, "ana_state", "inaccessible"));
        call("nvmf_subsystem_listener_set_ana_state", Map.of(
            "nqn", NQN, "listen_address", ADDRESS, "ana_state", "non_optimized", "anagrpid", 3L));
        call("nvmf_discovery_add_referral", Map.of("address", address("192.0.2.1", "8009")));
        call("iscsi_set_options", Map.of("max_sessions", 16L, "nop_in_interval", 10L));
        call("iscsi_create_portal_group", Map.of("tag", 1L, "portals", List.of(Map.of("host", "127.0.0.1", "port", "0"))));
        call("iscsi_portal_group_set_auth", Map.of("tag", 1L, "disable_chap", true));
        call("iscsi_create_initiator_group", Map.of("tag", 2L, "initiators", List.of("ANY"), "netmasks", List.of("127.0.0.0/8")));
        call("iscsi_create_auth_group", Map.of("tag", 3L));
        call("iscsi_create_target_node", Map.of("name", "disk1", "alias_name", "a disk", "queue_depth", 64L,
            "pg_ig_maps", List.of(Map.of("pg_tag", 1L, "ig_tag", 2L)), "luns", List.of(Map.of("bdev_name", "null"))));
        call("iscsi_target_node_set_redirect", Map.of(
            "name", "iqn.2016-06.io.spdk:disk1", "pg_tag", 1L, "redirect_host", "192.0.2.2", "redirect_port", "3260"));
    }

    @AfterEach
    void stop() {
        stack.close();
    }

    private static Map<String, Object> address(String host, String port) {
        return Map.of("trtype", "TCP", "adrfam", "IPv4", "traddr", host, "trsvcid", port);
    }

    private Object call(String method, Map<String, Object> parameters) throws StorageException {
        return registry.call(method, parameters);
    }

    /** The present state as a document. */
    private Map<String, Object> state() {
        List<Object> subsystems = new ArrayList<>();
        for (ConfigSource source : stack.sources()) {
            List<Object> calls = new ArrayList<>();
            source.calls().forEach(call -> calls.add(Map.of("method", call.method(), "params", call.parameters())));
            subsystems.add(Map.of("subsystem", source.subsystem(), "config", calls));
        }
        return Map.of("subsystems", subsystems);
    }

    /** Whatever order members stand in. */
    private List<String> saved() {
        return stack.sources().stream().flatMap(source -> source.calls().stream())
            .map(call -> call.method() + " " + sorted(call.parameters())).toList();
    }

    private static Object sorted(Object value) {
        Map<String, Object> members = new TreeMap<>();
        if (value instanceof Map<?, ?> object) {
            object.forEach((name, member) -> members.put((String) name, sorted(member)));
        }
        return value instanceof Map ? members : value;
    }

    @Test
    void shouldChangeNothingWhenPresentStateIsDeclared() throws Exception {
        assertEquals(List.of(), call("karst_plan", Map.of("state", state())));
    }

    @Test
    void shouldKnowWhatEachSavedCallLeaves() {
        stack.sources().stream().flatMap(source -> source.calls().stream())
            .forEach(call -> assertNotNull(registry.method(call.method()).orElseThrow().effect(), call.method()));
    }

    @Test
    void shouldComeBackWhenAllWasTakenAway() throws Exception {
        Map<String, Object> before = state();
        List<String> saved = saved();
        Map<String, Object> nothing = Map.of("subsystems", List.of(
            Map.of("subsystem", "bdev", "config", List.of()), Map.of("subsystem", "nvmf", "config", List.of()),
            Map.of("subsystem", "iscsi", "config", List.of())));
        call("karst_apply", Map.of("state", nothing));
        assertEquals(List.of(), call("bdev_get_bdevs", Map.of()));
        call("karst_apply", Map.of("state", before));
        assertEquals(List.of(), call("karst_plan", Map.of("state", before)));
        assertEquals(saved.stream().sorted().toList(), saved().stream().sorted().toList());
    }

    @Test
    void shouldChangeLiveWhenLayerCan() throws Exception {
        ConfigSource source = stack.sources().stream().filter(each -> each.subsystem().equals("nvmf")).findFirst().orElseThrow();
        Map<String, Object> nvmf = Map.of("subsystem", "nvmf", "config", opened(source.calls()));
        Map<String, Object> declared = Map.of("subsystems", List.of(nvmf));
        List<?> steps = (List<?>) call("karst_apply", Map.of("state", declared));
        assertEquals(List.of("change nvmf_subsystem_allow_any_host"),
            steps.stream().map(step -> ((Map<?, ?>) step).get("action") + " " + ((Map<?, ?>) step).get("method")).toList());
        assertEquals(List.of(), call("karst_plan", Map.of("state", declared)));
    }

    @Test
    void shouldLeaveNodeAloneWhenOnlyItsUnitsDiffer() throws Exception {
        ConfigSource source = stack.sources().stream().filter(each -> each.subsystem().equals("iscsi")).findFirst().orElseThrow();
        List<Object> calls = new ArrayList<>();
        for (ConfigSource.Call call : source.calls()) {
            Map<String, Object> parameters = new LinkedHashMap<>(call.parameters());
            parameters.replace("luns", List.of(Map.of("bdev_name", "null", "lun_id", 3L), Map.of("bdev_name", "ram")));
            calls.add(Map.of("method", call.method(), "params", parameters));
        }
        Map<String, Object> declared = Map.of("subsystems", List.of(Map.of("subsystem", "iscsi", "config", calls)));
        List<?> steps = (List<?>) call("karst_apply", Map.of("state", declared));
        assertEquals(List.of("karst_iscsi_target_node_remove_lun", "iscsi_target_node_add_lun", "iscsi_target_node_add_lun"),
            steps.stream().map(step -> ((Map<?, ?>) step).get("method")).toList());
        assertEquals(List.of(), call("karst_plan", Map.of("state", declared)));
    }

    /** The closed subsystem opened. */
    private static List<Object> opened(List<ConfigSource.Call> calls) {
        List<Object> changed = new ArrayList<>();
        for (ConfigSource.Call call : calls) {
            Map<String, Object> parameters = new LinkedHashMap<>(call.parameters());
            if (Served.CLOSED.equals(parameters.get("nqn"))) {
                parameters.replace("allow_any_host", true);
            }
            changed.add(Map.of("method", call.method(), "params", parameters));
        }
        return changed;
    }

    /** The methods of the layers and those about states. */
    private record Registry(Stack stack) implements RpcRegistry {
        @Override
        public List<RpcMethod> methods() {
            List<RpcMethod> methods = new ArrayList<>(stack.methods());
            methods.addAll(new DesiredMethods(this).methods());
            return methods;
        }

        @Override
        public Optional<RpcMethod> method(String name) {
            return methods().stream().filter(method -> method.name().equals(name)).findFirst();
        }

        @Override
        public Object call(String name, Map<String, Object> parameters) throws StorageException {
            RpcMethod method = method(name).orElseThrow(() -> RpcError.methodNotFound(name));
            return method.handler().call(RpcChecks.check(method, new LinkedHashMap<>(parameters)));
        }

        @Override
        public Object replay(String name, Map<String, Object> parameters) throws StorageException {
            return call(name, parameters);
        }

        @Override
        public List<ConfigSource> configSources() {
            return stack.sources();
        }

        @Override
        public Watch watch(Runnable listener) {
            return () -> {};
        }
    }
}
