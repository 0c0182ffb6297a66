package dev.karst.itests.spdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.itests.spdk.ServedSocket.Connection;
import dev.karst.rpc.json.Json;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How known clients of SPDK call, and what each relies on in the answers. */
@Timeout(120)
class ClientPatternsTest {
    private static final String NQN = "nqn.2020-04.io.spdk:cnode7";

    @TempDir
    private Path folder;
    private ServedSocket served;
    private int port;

    @BeforeEach
    void setUp() throws Exception {
        served = new ServedSocket(folder.resolve("spdk.sock"));
        port = ComposedStack.freePort();
    }

    @AfterEach
    void tearDown() {
        served.close();
    }

    /** A call as most clients write it. */
    private Map<?, ?> call(String method, Object... namesAndValues) throws Exception {
        Map<String, Object> parameters = new TreeMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            parameters.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        String given = parameters.isEmpty() ? "" : ",\"params\":" + Json.text(parameters);
        return served.call("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" + method + "\"" + given + "}");
    }

    private Object result(String method, Object... namesAndValues) throws Exception {
        Map<?, ?> answer = call(method, namesAndValues);
        assertTrue(answer.containsKey("result"), answer::toString);
        return answer.get("result");
    }

    private void fails(long code, String text, String method, Object... namesAndValues) throws Exception {
        Map<?, ?> answer = call(method, namesAndValues);
        assertTrue(answer.get("error") instanceof Map<?, ?> error && error.get("code").equals(code)
            && error.get("message").toString().contains(text), answer::toString);
    }

    private static List<String> names(Object bdevs) {
        return ((List<?>) bdevs).stream().map(bdev -> (String) ((Map<?, ?>) bdev).get("name")).toList();
    }

    private Map<String, Object> address() {
        return Map.of("trtype", "tcp", "adrfam", "ipv4", "traddr", "127.0.0.1", "trsvcid", Integer.toString(port));
    }

    private void makeFile(String name) throws Exception {
        Files.write(folder.resolve(name), new byte[1 << 20]);
    }

    @Test
    void shouldMatchAnswersByIdWhenLonghornSendsManyTabbedRequestsOnOneConnection() throws Exception {
        try (Connection connection = served.connect()) {
            StringBuilder requests = new StringBuilder();
            for (int id = 1; id <= 20; id++) {
                requests.append("{\n\t\"id\": ").append(id)
                    .append(",\n\t\"jsonrpc\": \"2.0\",\n\t\"method\": \"bdev_null_create\",")
                    .append("\n\t\"params\": {\n\t\t\"name\": \"n").append(id % 10)
                    .append("\",\n\t\t\"num_blocks\": 8,\n\t\t\"block_size\": 512\n\t}\n}");
            }
            connection.send(requests.toString());
            for (int i = 1; i <= 20; i++) {
                Map<?, ?> answer = connection.receive();
                Object name = "n" + (Long) answer.get("id") % 10;
                boolean first = (Long) answer.get("id") <= 10;
                assertTrue(first ? name.equals(answer.get("result"))
                    : ((Map<?, ?>) answer.get("error")).get("code").equals(-17L), answer::toString);
            }
        }
        fails(-19, "No such device", "bdev_get_bdevs", "name", "gone");
        fails(-19, "No such device", "bdev_null_delete", "name", "gone");
    }

    @Test
    void shouldAnswerBatchesAndKeepSilentWithoutIdWhenRpcPyCalls() throws Exception {
        try (Connection connection = served.connect()) {
            connection.send("{\"jsonrpc\":\"2.0\",\"method\":\"bdev_null_create\",\"params\":"
                + "{\"name\":\"quiet\",\"num_blocks\":8,\"block_size\":512}}");
            connection.send("[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"bdev_get_bdevs\"},"
                + "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"no_such_method\"}]");
            List<?> answers = (List<?>) connection.document();
            assertEquals(List.of("quiet"), names(((Map<?, ?>) answers.get(0)).get("result")));
            assertEquals(Map.of("code", -32601L, "message", "Method not found"), ((Map<?, ?>) answers.get(1)).get("error"));
        }
        fails(-32602, "Invalid parameters", "bdev_get_bdevs", "bogus", 1L);
    }

    @Test
    void shouldSayWhatIsThereAlreadyWhenUbicloudRepeatsItself() throws Exception {
        for (String method : List.of("iobuf_set_options", "bdev_set_options")) {
            assertEquals(true, result(method));
        }
        makeFile("vm.raw");
        String file = folder.resolve("vm.raw").toString();
        assertEquals("vm", result("bdev_aio_create", "name", "vm", "filename", file, "block_size", 512L));
        fails(-17, "File exists", "bdev_aio_create", "name", "vm", "filename", file, "block_size", 512L);
        assertEquals(true, result("bdev_set_qos_limit", "name", "vm", "rw_ios_per_sec", 10_000L));
        assertEquals(true, result("bdev_aio_delete", "name", "vm"));
        fails(-19, "No such device", "bdev_aio_delete", "name", "vm");
        for (int i = 0; i < 500; i++) {
            result("bdev_null_create", "name", "many" + i, "num_blocks", 8L, "block_size", 512L);
        }
        int bytes = Json.text(result("bdev_get_bdevs")).getBytes(StandardCharsets.UTF_8).length;
        assertTrue(bytes < 1 << 20, bytes + " bytes for 500 devices");
    }

    @Test
    void shouldListTheDiscoverySubsystemFirstWhenCinderSkipsIt() throws Exception {
        fails(-32602, "Invalid transport type 'rdma'", "nvmf_create_transport", "trtype", "rdma");
        assertEquals(true, result("nvmf_create_transport", "trtype", "tcp"));
        result("bdev_malloc_create", "name", "volume", "num_blocks", 2048L, "block_size", 512L);
        assertEquals(true, result("nvmf_create_subsystem", "nqn", NQN, "allow_any_host", true, "serial_number", "S"));
        assertEquals(true, result("nvmf_subsystem_add_listener", "nqn", NQN, "listen_address", address()));
        assertEquals(1L, result("nvmf_subsystem_add_ns", "nqn", NQN, "namespace", Map.of("bdev_name", "volume")));
        List<?> subsystems = (List<?>) result("nvmf_get_subsystems");
        assertEquals("Discovery", ((Map<?, ?>) subsystems.getFirst()).get("subtype"));
        List<Integer> numbers = subsystems.subList(1, subsystems.size()).stream()
            .map(subsystem -> Integer.parseInt(((Map<?, ?>) subsystem).get("nqn").toString().split("cnode")[1])).toList();
        assertEquals(List.of(7), numbers);
        assertEquals(true, result("nvmf_delete_subsystem", "nqn", NQN));
    }

    @Test
    void shouldUseTheWordsThatSpdkCsiLooksForWhenSomethingIsMissing() throws Exception {
        fails(-19, "No such device", "bdev_get_bdevs", "name", "lvs/none");
        fails(-32602, "Invalid parameters", "nvmf_subsystem_add_ns", "nqn", NQN, "namespace", Map.of("bdev_name", "none"));
        fails(-32602, "Invalid parameters", "nvmf_delete_subsystem", "nqn", NQN);
        fails(-32602, "Invalid parameters", "nvmf_subsystem_get_listeners", "nqn", NQN);
    }

    @Test
    void shouldHaveClosedTheFileWhenADeletionIsAnsweredToTrueNas() throws Exception {
        assertEquals(true, result("framework_wait_init"));
        makeFile("zvol");
        Path file = folder.resolve("zvol");
        result("bdev_uring_create", "name", "z", "filename", file.toString(), "block_size", 512L, "uuid",
            "11111111-2222-3333-4444-555555555555");
        assertTrue(openFiles().contains(file));
        assertEquals(true, result("bdev_uring_rescan", "name", "z"));
        assertEquals(true, result("bdev_uring_delete", "name", "z"));
        assertFalse(openFiles().contains(file));
        fails(-19, "No such device", "bdev_get_bdevs", "name", "z");
    }

    private static Set<Path> openFiles() throws Exception {
        try (var descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors.filter(Files::isSymbolicLink).map(ClientPatternsTest::target).collect(Collectors.toSet());
        }
    }

    private static Path target(Path link) {
        try {
            return Files.readSymbolicLink(link);
        } catch (java.io.IOException e) {
            return link;
        }
    }

    @Test
    void shouldShowWhatIsThereWhenTrueNasComparesItWithWhatItWants() throws Exception {
        result("nvmf_create_transport", "trtype", "TCP");
        result("bdev_null_create", "name", "n", "num_blocks", 8L, "block_size", 512L);
        result("nvmf_create_subsystem", "nqn", NQN, "serial_number", "T", "ana_reporting", true);
        result("nvmf_subsystem_add_listener", "nqn", NQN, "listen_address", address());
        result("nvmf_subsystem_listener_set_ana_state", "nqn", NQN, "listen_address", address(), "ana_state", "inaccessible");
        result("nvmf_subsystem_add_host", "nqn", NQN, "host", "nqn.2014-08.org.nvmexpress:uuid:1");
        result("nvmf_subsystem_add_ns", "nqn", NQN, "namespace", Map.of("bdev_name", "n", "nsid", 3L, "anagrpid", 2L));
        result("nvmf_discovery_add_referral", "address", address());
        Path key = Files.writeString(folder.resolve("key"), "DHHC-1:00:none:");
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
        result("keyring_file_add_key", "name", "k", "path", key.toString());
        Map<?, ?> subsystem = (Map<?, ?>) ((List<?>) result("nvmf_get_subsystems")).get(1);
        assertEquals(List.of(Map.of("nqn", "nqn.2014-08.org.nvmexpress:uuid:1")), subsystem.get("hosts"));
        Map<?, ?> namespace = (Map<?, ?>) ((List<?>) subsystem.get("namespaces")).getFirst();
        assertEquals(List.of(3L, "n", 2L), List.of(namespace.get("nsid"), namespace.get("bdev_name"), namespace.get("anagrpid")));
        assertTrue(result("nvmf_subsystem_get_listeners", "nqn", NQN).toString().contains("inaccessible"));
        assertEquals(1, ((List<?>) result("nvmf_discovery_get_referrals")).size());
        assertEquals(List.of("k"), names(result("keyring_get_keys")));
        result("nvmf_subsystem_remove_ns", "nqn", NQN, "nsid", 3L);
        result("nvmf_subsystem_remove_host", "nqn", NQN, "host", "nqn.2014-08.org.nvmexpress:uuid:1");
        result("nvmf_subsystem_remove_listener", "nqn", NQN, "listen_address", address());
        result("nvmf_discovery_remove_referral", "address", address());
        result("nvmf_delete_subsystem", "nqn", NQN);
        result("keyring_file_remove_key", "name", "k");
    }

    @Test
    void shouldReadTheVersionWhenLinstorAsksFirst() throws Exception {
        Map<?, ?> answer = served.call("{\"jsonrpc\": \"2.0\", \"id\": 42, \"method\": \"spdk_get_version\"}\n");
        assertEquals(42L, answer.get("id"));
        assertTrue(((Map<?, ?>) ((Map<?, ?>) answer.get("result")).get("fields")).get("major") instanceof Long);
        assertEquals(List.of(), result("nvmf_get_transports"));
    }

    @Test
    void shouldCountWhatWasDoneWhenOpiAndExportersAsk() throws Exception {
        result("nvmf_create_transport", "trtype", "TCP");
        result("bdev_malloc_create", "name", "m", "num_blocks", 2048L, "block_size", 512L);
        Map<?, ?> iostat = (Map<?, ?>) result("bdev_get_iostat", "name", "m");
        assertTrue((Long) iostat.get("tick_rate") > 0 && (Long) iostat.get("ticks") > 0, iostat::toString);
        assertEquals(List.of("m"), names(iostat.get("bdevs")));
        Map<?, ?> threads = (Map<?, ?>) result("thread_get_stats");
        Map<?, ?> first = (Map<?, ?>) ((List<?>) threads.get("threads")).getFirst();
        assertTrue(first.get("busy") instanceof Long && first.get("idle") instanceof Long, first::toString);
        assertTrue(((Map<?, ?>) result("nvmf_get_stats")).get("poll_groups") instanceof List);
        assertEquals("static", ((Map<?, ?>) result("framework_get_scheduler")).get("scheduler_name"));
    }

    @Test
    void shouldTellWhatHappenedWhenAClientAsksForNoticesFromANumber() throws Exception {
        assertEquals(
            List.of("bdev_register", "bdev_unregister", "bdev_resize", "bdev_fence", "bdev_unfence", "module_swap", "module_rollback",
                "module_failure"),
            result("notify_get_types"));
        result("bdev_null_create", "name", "a", "num_blocks", 2048L, "block_size", 512L);
        result("bdev_null_resize", "name", "a", "new_size", 2L);
        result("bdev_null_delete", "name", "a");
        List<?> all = (List<?>) result("notify_get_notifications");
        assertEquals(List.of("bdev_register", "bdev_resize", "bdev_unregister"),
            all.stream().map(notice -> ((Map<?, ?>) notice).get("type")).toList());
        assertEquals(all.subList(1, 2), result("notify_get_notifications", "id", 1L, "max", 1L));
    }
}
