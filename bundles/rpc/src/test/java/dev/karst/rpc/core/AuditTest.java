package dev.karst.rpc.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.StorageException;
import dev.karst.rpc.RpcCaller;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcMethod.Role;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Type;
import dev.karst.rpc.RpcUser;
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
    private static final RpcUser USER = new RpcUser("ann", "HTTP", Role.OPERATOR);
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
        return Audit.line(USER, METHOD, (Map<String, Object>) Json.parse(parameters), "done");
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

    /** What is told meanwhile. */
    @FunctionalInterface
    private interface Calls {
        void make() throws Exception;
    }

    private static List<String> told(Calls calls) throws Exception {
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
            calls.make();
        } finally {
            logger.removeHandler(handler);
        }
        return lines;
    }

    @Test
    void shouldTellEachCallThatMayChangeSomethingWhenItEnds() throws Exception {
        Dispatcher dispatcher = new Dispatcher(new Fixture().registry);
        String create = "{\"jsonrpc\":\"2.0\",\"method\":\"thing_create\",\"params\":{\"name\":\"a\"}}";
        String list = "{\"jsonrpc\":\"2.0\",\"method\":\"thing_list\"}";
        List<String> lines = told(() -> {
            for (String each : List.of(create, list, create)) {
                dispatcher.carryOut(Json.parse(each), USER);
            }
            dispatcher.carryOut(Json.parse(create), new RpcUser("eve", "HTTP", Role.VIEWER));
        });
        String called = " thing_create {\"name\":\"a\"}: ";
        assertEquals(List.of(
            "audit: ann (operator, HTTP)" + called + "done",
            "audit: ann (operator, HTTP)" + called + "failed with -17, thing a: File exists",
            "audit: eve (viewer, HTTP)" + called
                + "failed with -13, thing_create needs the role OPERATOR; yours is VIEWER"), lines);
    }

    /** A method that calls others, and one for admins only. */
    private static Fixture withCaller() {
        Fixture fixture = new Fixture();
        fixture.registry.addMethods(() -> List.of(
            RpcMethod.named("thing_both", "thing", "both", "Makes a thing and ends all").does(call -> {
                fixture.registry.call("thing_create", Map.of("name", "b"));
                return fixture.registry.call("thing_end", Map.of());
            }),
            RpcMethod.named("thing_end", "thing", "end", "Ends all").by(Role.ADMIN).does(call -> true)));
        return fixture;
    }

    @Test
    void shouldTellWhatCallMakesInTurnOnBehalfOfItsUser() throws Exception {
        Fixture fixture = withCaller();
        RpcUser admin = new RpcUser("karst", "shell", Role.ADMIN);
        assertEquals(
            List.of("thing_create {\"name\":\"b\"}: done", "thing_end {}: done", "thing_both {}: done"),
            told(() -> fixture.registry.call("thing_both", Map.of(), RpcCaller.of(admin))).stream()
                .map(line -> line.replace("audit: karst (admin, shell) ", "")).toList());
    }

    @Test
    void shouldRefuseWhatRoleDoesNotReachWhenCallMakesItInTurn() throws Exception {
        Fixture fixture = withCaller();
        List<String> lines = told(() -> assertThrows(
            StorageException.class, () -> fixture.registry.call("thing_both", Map.of(), RpcCaller.of(USER))));
        assertTrue(lines.get(1).startsWith("audit: ann (operator, HTTP) thing_end {}: failed with -13"), lines.toString());
    }

    @Test
    void shouldTellNothingWhenKarstCallsForItself() throws Exception {
        Fixture fixture = new Fixture();
        assertEquals(List.of(), told(() -> {
            fixture.registry.call("thing_create", Map.of("name", "a"));
            fixture.registry.replay("thing_create", Map.of("name", "b"));
        }));
    }

    @Test
    void shouldCoverWhatChangesAndNothingElse() {
        assertTrue(Audit.covers(METHOD));
        assertFalse(Audit.covers(RpcMethod.named("thing_get", "thing", "get", "Looks").readOnly().does(call -> List.of())));
    }
}
