package dev.karst.vhost;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.karst.base.StorageException;
import dev.karst.rpc.RpcChecks;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.json.Json;
import dev.karst.vhost.rpc.VhostManagement;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The calls about vhost that SPDK was given, as far as they are about block devices: the same answers. */
class RecordedCallsTest {
    @TempDir
    private Path folder;

    @Test
    void shouldAnswerAsSpdkDidWhenCalledAsItWas() throws Exception {
        try (Bench bench = new Bench(folder, false);
                InputStream in = RecordedCallsTest.class.getResourceAsStream("spdk-recorded.jsonl")) {
            bench.target.delete(Bench.CONTROLLER);
            var management = new VhostManagement(bench.target);
            int calls = 0;
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList()) {
                Map<?, ?> call = (Map<?, ?>) Json.parse(line);
                Map<?, ?> error = (Map<?, ?>) call.get("error");
                String expected = error == null ? call.get("result").toString() : error.get("code") + " " + error.get("message");
                String found = answer(management, call);
                assertEquals(expected, error == null ? found : found.split(":")[0], line);
                calls++;
            }
            assertEquals(5, calls);
        }
    }

    @SuppressWarnings("unchecked")
    private static String answer(VhostManagement management, Map<?, ?> call) {
        Map<String, Object> parameters = (Map<String, Object>) call.get("params");
        if (call.get("method").equals("framework_get_config")) {
            return management.calls().toString();
        }
        RpcMethod method = management.methods().stream().filter(each -> each.name().equals(call.get("method"))).findFirst().orElseThrow();
        try {
            return method.handler().call(RpcChecks.check(method, new LinkedHashMap<>(parameters))).toString();
        } catch (StorageException e) {
            return e.code() + " " + e.getMessage();
        }
    }
}
