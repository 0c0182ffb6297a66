package dev.karst.itests.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.itests.rpc.RpcBadInputs;
import dev.karst.itests.rpc.RpcClient;
import dev.karst.itests.rpc.RpcNeighbour;
import dev.karst.itests.rpc.RpcPlayer;
import dev.karst.itests.rpc.SocketClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.StreamHandler;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bad input to both transports of JSON-RPC, beside connections that do what is right. */
@Timeout(300)
class RpcBadInputTest {
    private static final Queue<String> LOGGED = new ConcurrentLinkedQueue<>();
    private static final Logger AUDIT = Logger.getLogger("dev.karst.rpc.audit");
    private static final Handler HANDLER = new StreamHandler() {
        @Override
        public void publish(LogRecord told) {
            LOGGED.add(told.getMessage());
        }
    };

    @TempDir private static Path folder;
    private static ManagedStack stack;
    private static Map<String, RpcClient.Way> ways;

    @BeforeAll
    static void start() throws Exception {
        Logger.getLogger("").addHandler(HANDLER);
        AUDIT.addHandler(HANDLER);
        // Some thousand lines.
        AUDIT.setUseParentHandlers(false);
        stack = new ManagedStack(folder);
        ways = Map.of("socket", () -> new SocketClient(stack.socket), "http", stack::http);
    }

    @AfterAll
    static void stop() throws Exception {
        stack.close();
        AUDIT.setUseParentHandlers(true);
        AUDIT.removeHandler(HANDLER);
        Logger.getLogger("").removeHandler(HANDLER);
    }

    /** A neighbour on each transport calls all the time, and gets its answers. */
    @ParameterizedTest
    @ValueSource(strings = {"J-01", "J-02", "J-03", "J-04", "J-05", "J-06", "J-07", "J-08", "J-10", "J-11"})
    void shouldAnswerBadInputAsItMustAndServeOthersWhenClientSendsAny(String row) throws Exception {
        List<RpcBadInputs.Case> cases = RpcBadInputs.of(row);
        List<String> wrong = new ArrayList<>();
        try (RpcNeighbour first = new RpcNeighbour(ways.get("socket"));
            RpcNeighbour second = new RpcNeighbour(ways.get("http"))) {
            for (String transport : List.of("socket", "http")) {
                RpcPlayer player = new RpcPlayer(transport, ways.get(transport));
                for (RpcBadInputs.Case bad : cases) {
                    try {
                        player.play(bad);
                    } catch (AssertionError e) {
                        wrong.add(e.getMessage());
                    }
                }
            }
            first.check();
            second.check();
        }
        assertTrue(cases.size() > 3, cases::toString);
        assertEquals("", String.join("\n", wrong));
        assertTrue(!row.equals("J-11") || LOGGED.stream().anyMatch(line -> String.valueOf(line).contains("karst_rpc_set_user")));
        assertEquals(List.of(), LOGGED.stream().filter(line -> line != null && line.contains(RpcPlayer.SECRET)).toList());
    }

    @Test
    void shouldFindWhatIsPlantedWhenTheAnswerIsAnother() {
        RpcBadInputs.Case planted = new RpcBadInputs.Case("J-00", "planted", List.of("call spdk_get_version", "expect error -1"));
        for (String transport : List.of("socket", "http")) {
            AssertionError found = null;
            try {
                new RpcPlayer(transport, ways.get(transport)).play(planted);
            } catch (IOException | AssertionError e) {
                found = e instanceof AssertionError error ? error : null;
            }
            assertTrue(found != null && found.getMessage().contains("expect error -1"), String.valueOf(found));
        }
    }

    /** Row J-08. */
    @Test
    void shouldRefuseWhenThereAreMoreConnectionsThanTheLimit() throws Exception {
        List<RpcClient> idle = new ArrayList<>();
        try (SocketClient served = new SocketClient(stack.socket)) {
            assertEquals("Karst", version(served));
            int refused = 0;
            for (int i = 0; i < 70; i++) {
                SocketClient client = new SocketClient(stack.socket);
                idle.add(client);
            }
            for (RpcClient client : idle.subList(60, 70)) {
                refused += isRefused(client) ? 1 : 0;
            }
            assertTrue(refused >= 6, refused + " of the last 10 connections beyond the limit of 64 are refused");
            assertEquals("Karst", version(served));
        } finally {
            for (RpcClient client : idle) {
                client.close();
            }
        }
        try (RpcClient http = stack.http()) {
            assertEquals("Karst", version(http));
        }
    }

    /** A connection within the limit waits; one beyond it is told why and closed. */
    private static boolean isRefused(RpcClient client) {
        try {
            client.send("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"spdk_get_version\"}".getBytes(StandardCharsets.UTF_8));
            return client.receive().toString().contains("-11") && client.isEnded();
        } catch (IOException e) {
            return true;
        }
    }

    private static String version(RpcClient client) throws IOException {
        client.send("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"spdk_get_version\"}".getBytes(StandardCharsets.UTF_8));
        Map<?, ?> result = (Map<?, ?>) ((Map<?, ?>) client.receive()).get("result");
        return result.get("version").toString().split(" ")[0];
    }

    /** Row J-08: of calls about one name at one time each is the first or finds it there, or is the first or finds it gone. */
    @ParameterizedTest
    @ValueSource(strings = {"socket", "http"})
    void shouldLetOneWinWhenAThousandCreateAndDeleteOneName(String transport) throws Exception {
        Map<String, Long> before = stack.holdings();
        Map<Long, Integer> created = new LinkedHashMap<>();
        Map<Long, Integer> deleted = new LinkedHashMap<>();
        try (var threads = Executors.newFixedThreadPool(32, Thread.ofVirtual().factory())) {
            List<Future<Long>> creates = new ArrayList<>();
            List<Future<Long>> deletes = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                creates.add(threads.submit(() -> code(transport, "bdev_malloc_create",
                    "{\"name\":\"race\",\"block_size\":512,\"num_blocks\":8}")));
                deletes.add(threads.submit(() -> code(transport, "bdev_malloc_delete", "{\"name\":\"race\"}")));
            }
            count(creates, created);
            count(deletes, deleted);
        }
        long last = code(transport, "bdev_malloc_delete", "{\"name\":\"race\"}");
        int made = created.getOrDefault(0L, 0);
        int gone = deleted.getOrDefault(0L, 0) + (last == 0 ? 1 : 0);
        assertTrue(made > 0 && made == gone, made + " made, " + gone + " deleted; " + created + ", " + deleted);
        assertEquals(500, made + created.getOrDefault(-17L, 0), created::toString);
        assertEquals(500, deleted.getOrDefault(0L, 0) + deleted.getOrDefault(-19L, 0), deleted::toString);
        assertEquals(before, stack.holdings());
    }

    private static void count(List<Future<Long>> calls, Map<Long, Integer> codes)
        throws InterruptedException, ExecutionException {
        for (Future<Long> call : calls) {
            codes.merge(call.get(), 1, Integer::sum);
        }
    }

    private static long code(String transport, String method, String parameters) throws IOException {
        try (RpcClient client = ways.get(transport).connect()) {
            String request = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" + method + "\",\"params\":" + parameters + "}";
            client.send(request.getBytes(StandardCharsets.UTF_8));
            Object error = ((Map<?, ?>) client.receive()).get("error");
            return error == null ? 0 : (Long) ((Map<?, ?>) error).get("code");
        }
    }

    /** Row J-09, with as many as fit this test's heap; DispatcherTest counts that 100,000 are never held at once. */
    @Test
    void shouldListAllWhenThereAreThousandsOfBlockDevices() throws Exception {
        int devices = 5000;
        for (int i = 0; i < devices; i++) {
            stack.call("bdev_null_create", Map.of("name", "many" + i, "block_size", 512L, "num_blocks", 8L));
        }
        try {
            for (RpcClient.Way way : ways.values()) {
                try (RpcClient client = way.connect()) {
                    client.send("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"bdev_get_bdevs\"}".getBytes(StandardCharsets.UTF_8));
                    List<?> listed = (List<?>) ((Map<?, ?>) client.receive()).get("result");
                    assertEquals(devices, listed.size());
                }
            }
        } finally {
            for (int i = 0; i < devices; i++) {
                stack.call("bdev_null_delete", Map.of("name", "many" + i));
            }
        }
    }
}
