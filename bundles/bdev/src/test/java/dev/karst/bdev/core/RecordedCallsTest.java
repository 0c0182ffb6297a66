package dev.karst.bdev.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.StorageException;
import dev.karst.bdev.IoType;
import dev.karst.bdev.core.rpc.BdevFront;
import dev.karst.bdev.module.Geometry;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.rpc.ConfigSource.Call;
import dev.karst.rpc.RpcChecks;
import dev.karst.rpc.RpcMethod;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Replays what a client of SPDK 26.01 called of the block layer: same keys, types and order, same codes and messages.
 */
class RecordedCallsTest {
    /** As much of JSON as the recorded calls hold. */
    private static final class Json {
        private final String text;
        private int at;

        private Json(String text) {
            this.text = text;
        }

        static Object parse(String text) {
            return new Json(text).value();
        }

        private char peek() {
            while (Character.isWhitespace(text.charAt(at)) || text.charAt(at) == ',' || text.charAt(at) == ':') {
                at++;
            }
            return text.charAt(at);
        }

        private Object value() {
            return switch (peek()) {
                case '{' -> object();
                case '[' -> list();
                case '"' -> string();
                default -> word();
            };
        }

        private Map<String, Object> object() {
            Map<String, Object> object = new LinkedHashMap<>();
            at++;
            while (peek() != '}') {
                String key = string();
                object.put(key, value());
            }
            at++;
            return object;
        }

        private List<Object> list() {
            List<Object> list = new ArrayList<>();
            at++;
            while (peek() != ']') {
                list.add(value());
            }
            at++;
            return list;
        }

        private String string() {
            peek();
            int end = text.indexOf('"', at + 1);
            String string = text.substring(at + 1, end);
            at = end + 1;
            return string;
        }

        private Object word() {
            int from = at;
            while (at < text.length() && ",]} ".indexOf(text.charAt(at)) < 0) {
                at++;
            }
            String word = text.substring(from, at);
            return switch (word) {
                case "true" -> true;
                case "false" -> false;
                case "null" -> null;
                default -> Long.valueOf(word);
            };
        }
    }

    private SimWorld world;
    private Bench bench;
    private BdevFront front;

    @BeforeEach
    void setUp() throws Exception {
        world = new SimWorld(1, 1);
        bench = new Bench(world);
        front = new BdevFront(bench.layer);
        bench.script.supported = EnumSet.of(IoType.READ, IoType.WRITE, IoType.WRITE_ZEROES, IoType.ABORT, IoType.RESET);
        create("Null0", "629a08a5-652a-46ff-a941-64ad4b8b15fe", "Null disk", 524288);
        bench.script.supported = EnumSet.of(IoType.READ, IoType.WRITE, IoType.FLUSH);
        bench.module = new ScriptedModule("aio", new ScriptedModule.Script(bench.random), bench.stores);
        bench.module.script.supported = EnumSet.of(IoType.READ, IoType.WRITE, IoType.FLUSH, IoType.RESET);
        bench.layer.addModule(bench.module);
        bench.script.supported = EnumSet.of(IoType.READ, IoType.WRITE, IoType.WRITE_ZEROES, IoType.ABORT, IoType.RESET);
        Map<String, Object> aio = Map.of("aio", new LinkedHashMap<String, Object>());
        bench.module.describes.put("aio0", aio);
        create("aio0", "b7c3281e-c457-47e0-a196-067d63f03bd5", "AIO disk", 131072);
        bench.layer.claim(bench.layer.open("aio0", true, world.reactor(0), bench.told), "lvs0");
        create("Malloc0", "073eb449-fb0a-4506-85a3-693b9973c388", "Malloc disk", 16384);
    }

    private void create(String name, String uuid, String product, long blocks) throws StorageException {
        bench.module.create(Geometry.of(name, UUID.fromString(uuid), product, 512, blocks));
    }

    @AfterEach
    void tearDown() {
        world.close();
    }

    private Object call(String method, Map<String, Object> parameters) throws StorageException {
        RpcMethod found = front.methods().stream().filter(m -> m.name().equals(method)).findFirst().orElseThrow();
        return found.handler().call(RpcChecks.check(found, parameters));
    }

    @Test
    @SuppressWarnings("unchecked")
    void shouldAnswerAsRecordedWhenCalledAsRecorded() throws Exception {
        String all;
        try (var in = RecordedCallsTest.class.getResourceAsStream("recorded.jsonl")) {
            all = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        int compared = 0;
        for (String line : all.lines().toList()) {
            Map<String, Object> recorded = (Map<String, Object>) Json.parse(line);
            compare(recorded, (String) recorded.get("method"), (Map<String, Object>) recorded.get("params"));
            compared++;
        }
        assertEquals(12, compared);
    }

    @SuppressWarnings("unchecked")
    private void compare(Map<String, Object> recorded, String method, Map<String, Object> parameters) throws Exception {
        if (recorded.get("error") instanceof Map<?, ?> error) {
            var failure = assertThrows(StorageException.class, () -> call(method, parameters));
            assertEquals(error.get("code"), (long) failure.code());
            assertEquals(error.get("message"), failure.getMessage());
            return;
        }
        Object result = call(method, parameters);
        List<String> wrong = new ArrayList<>();
        compareShapes(method, recorded.get("result"), result, wrong);
        assertEquals(List.of(), wrong);
    }

    /** Elements of lists are compared one by one as far as both have them. */
    private static void compareShapes(String path, Object recorded, Object ours, List<String> wrong) {
        if (recorded instanceof Map<?, ?> want && ours instanceof Map<?, ?> have) {
            if (!path.contains("driver_specific") && !List.copyOf(want.keySet()).equals(List.copyOf(have.keySet()))) {
                wrong.add(path + ": " + have.keySet() + " and not " + want.keySet());
            }
            boolean values = path.endsWith("supported_io_types");
            want.forEach((key, value) -> {
                if (have.containsKey(key)) {
                    compareShapes(path + "." + key, value, have.get(key), wrong);
                }
                if (values && !value.equals(have.get(key))) {
                    wrong.add(path + "." + key + " is " + have.get(key));
                }
            });
        } else if (recorded instanceof List<?> want && ours instanceof List<?> have) {
            for (int i = 0; i < Math.min(want.size(), have.size()); i++) {
                compareShapes(path + i, want.get(i), have.get(i), wrong);
            }
        } else if (ours == null || recorded.getClass() != ours.getClass() && !(ours instanceof Map)) {
            wrong.add(path + " is " + ours + ", recorded " + recorded);
        }
    }

    @Test
    void shouldWaitForTheDeviceWhenATimeoutIsGiven() throws Exception {
        world.reactor(0).execute(() -> world.environment().threads().background().execute(() -> {
            try {
                create("late", "00000000-0000-0001-0000-000000000001", "Late disk", 8);
            } catch (StorageException e) {
                throw new IllegalStateException(e);
            }
        }));
        assertEquals(1, ((List<?>) call("bdev_get_bdevs", Map.of("name", "late", "timeout", 100L))).size());
        long before = world.clock().nanos();
        assertThrows(StorageException.class, () -> call("bdev_get_bdevs", Map.of("name", "never", "timeout", 100L)));
        assertTrue(world.clock().nanos() - before >= 100_000_000);
    }

    @Test
    void shouldShowAndCountWhenAskedByAPerson() throws Exception {
        assertEquals("online", ((Map<?, ?>) call("karst_bdev_show", Map.of("name", "Null0"))).get("state"));
        assertEquals(3, ((List<?>) call("karst_bdev_iostat", Map.of())).size());
        for (RpcMethod method : front.methods()) {
            assertEquals("bdev", method.scope());
        }
        assertEquals(
            front.methods().size(), front.methods().stream().map(RpcMethod::command).distinct().count());
    }

    @Test
    void shouldSaveTheCreationRecordsInOrderOfRegistration() {
        List<String> names = front.calls().stream().map(Call::parameters)
            .map(parameters -> (String) parameters.get("name")).toList();
        assertEquals(List.of("Null0", "aio0", "Malloc0"), names);
        assertEquals("bdev", front.subsystem());
    }

    @Test
    void shouldSayTheStateOnlyOfADeviceThatIsNotAsUsual() throws Exception {
        assertEquals(null, bdev("aio0").get("state"));
        bench.layer.removeModule(bench.module);
        assertEquals("parked", bdev("aio0").get("state"));
        assertEquals(null, bdev("Null0").get("state"));
    }

    private Map<?, ?> bdev(String name) throws StorageException {
        return (Map<?, ?>) ((List<?>) Calls.call(front, "bdev_get_bdevs", "name", name)).getFirst();
    }
}
