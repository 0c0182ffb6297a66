package dev.karst.rpc.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcMethod.Role;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Type;
import dev.karst.rpc.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.StreamHandler;
import org.junit.jupiter.api.Test;

class AuditTest {
    private static final Caller CALLER = new Caller("ann", "HTTP", Role.OPERATOR);
    private static final RpcMethod METHOD = RpcMethod.named("thing_key", "thing", "key", "Takes a key")
        .takes(
            RpcParameter.required("name", Type.STRING, "The name"),
            RpcParameter.optional("key", Type.STRING, "The key").hidden(),
            RpcParameter.optional("keys", Type.LIST, "Keys").hidden(),
            RpcParameter.optional("hosts", Type.LIST, "Hosts").holding(
                RpcParameter.required("nqn", Type.STRING, "The host"),
                RpcParameter.optional("psk", Type.STRING, "Its key").hidden()))
        .does(call -> true);

    @SuppressWarnings("unchecked")
    private static String line(String parameters) throws Exception {
        return Audit.line(CALLER, METHOD, (Map<String, Object>) Json.parse(parameters), "done");
    }

    @Test
    void shouldTellWhoDidWhatWhenCalled() throws Exception {
        assertEquals("audit: ann (operator, HTTP) thing_key {\"name\":\"a\"}: done", line("{\"name\":\"a\"}"));
    }

    @Test
    void shouldMaskSecretsAtAnyDepthWhenTheyAreSent() throws Exception {
        String line = line("{\"name\":\"a\",\"key\":\"s3cret\",\"keys\":[\"s3cret\"],"
            + "\"hosts\":[{\"nqn\":\"n\",\"psk\":\"s3cret\"}],\"kee\":\"s3cret\",\"name2\":{\"x\":[\"s3cret\"]}}");
        assertFalse(line.contains("s3cret"), line);
        assertTrue(line.contains("\"hosts\":[{\"nqn\":\"n\",\"psk\":\"***\"}]"), line);
    }

    @Test
    void shouldStayShortWhenParametersAreLong() throws Exception {
        assertTrue(line("{\"name\":\"" + "a".repeat(100_000) + "\"}").length() < 1200);
    }

    @Test
    void shouldTellEachCallThatMayChangeSomethingWhenItEnds() throws Exception {
        Dispatcher dispatcher = new Dispatcher(new Fixture().registry);
        List<String> lines = new ArrayList<>();
        Logger logger = Logger.getLogger("dev.karst.rpc.audit");
        Handler handler = new StreamHandler() {
            @Override
            public void publish(LogRecord told) {
                lines.add(told.getMessage());
            }
        };
        logger.addHandler(handler);
        try {
            String create = "{\"jsonrpc\":\"2.0\",\"method\":\"thing_create\",\"params\":{\"name\":\"a\"}}";
            String list = "{\"jsonrpc\":\"2.0\",\"method\":\"thing_list\"}";
            for (String each : List.of(create, list, create)) {
                dispatcher.carryOut(Json.parse(each), CALLER);
            }
            dispatcher.carryOut(Json.parse(create), new Caller("eve", "HTTP", Role.VIEWER));
        } finally {
            logger.removeHandler(handler);
        }
        String called = " thing_create {\"name\":\"a\"}: ";
        assertEquals(List.of(
            "audit: ann (operator, HTTP)" + called + "done",
            "audit: ann (operator, HTTP)" + called + "failed with -17, thing a: File exists",
            "audit: eve (viewer, HTTP)" + called
                + "failed with -13, thing_create needs the role OPERATOR; yours is VIEWER"), lines);
    }

    @Test
    void shouldCoverWhatChangesAndNothingElse() {
        assertTrue(Audit.covers(METHOD));
        assertFalse(Audit.covers(RpcMethod.named("thing_get", "thing", "get", "Looks").readOnly().does(call -> List.of())));
    }
}
