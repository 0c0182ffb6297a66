package dev.karst.iscsi;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.karst.base.StorageException;
import dev.karst.iscsi.rpc.IscsiManagement;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.rpc.ConfigSource;
import dev.karst.rpc.RpcChecks;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.json.Json;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The calls about iSCSI that SPDK was given, in order: the same answers, over devices that are there. */
class RecordedCallsTest {
    @Test
    void shouldAnswerAsSpdkDidWhenCalledAsItWas() throws Exception {
        try (SimWorld world = new SimWorld(1, 1); InputStream in = RecordedCallsTest.class.getResourceAsStream("spdk-recorded.jsonl")) {
            var target = new IscsiTarget(world.environment(), world.reactors(), new FakeDevices(world), new NoKeys());
            var management = new IscsiManagement(target);
            int calls = 0;
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList()) {
                Map<?, ?> call = (Map<?, ?>) Json.parse(line);
                Object expected = call.get("result") != null ? call.get("result") : ((Map<?, ?>) call.get("error")).get("code");
                assertEquals(expected.toString(), answer(management, call).toString(), line);
                calls++;
            }
            assertEquals(14, calls);
            target.close();
        }
    }

    @SuppressWarnings("unchecked")
    private static Object answer(IscsiManagement management, Map<?, ?> call) {
        Map<String, Object> parameters = (Map<String, Object>) call.get("params");
        if (call.get("method").equals("framework_get_config")) {
            return plain(management.calls());
        }
        RpcMethod method = management.methods().stream().filter(each -> each.name().equals(call.get("method"))).findFirst().orElseThrow();
        try {
            return method.handler().call(RpcChecks.check(method, new LinkedHashMap<>(parameters)));
        } catch (StorageException e) {
            return e.code();
        }
    }

    private static List<Object> plain(List<ConfigSource.Call> calls) {
        List<Object> plain = new ArrayList<>();
        for (ConfigSource.Call call : calls) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("method", call.method());
            one.put("params", call.parameters());
            plain.add(one);
        }
        return plain;
    }
}
