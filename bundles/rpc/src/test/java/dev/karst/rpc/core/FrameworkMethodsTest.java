package dev.karst.rpc.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.StorageException;
import dev.karst.rpc.ConfigSource;
import dev.karst.rpc.RpcError;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.json.Json;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FrameworkMethodsTest {
    private final Fixture fixture = new Fixture();

    private String call(String method, Map<String, Object> parameters) throws StorageException {
        return Json.text(fixture.registry.call(method, parameters));
    }

    private void addSource(String subsystem, List<String> after, ConfigSource.Call... calls) {
        fixture.registry.addSource(new ConfigSource() {
            @Override
            public String subsystem() {
                return subsystem;
            }

            @Override
            public List<String> after() {
                return after;
            }

            @Override
            public List<Call> calls() {
                return List.of(calls);
            }
        });
    }

    @Test
    void shouldGiveSpdksShapeWhenVersionIsAsked() throws Exception {
        assertEquals("{\"version\":\"Karst 0.1.0-SNAPSHOT\",\"fields\":{\"major\":0,\"minor\":1,\"patch\":0,\"suffix\":\"-SNAPSHOT\"}}",
            call("spdk_get_version", Map.of()));
    }

    @Test
    void shouldListNamesWhenMethodsAreAsked() throws Exception {
        String names = call("rpc_get_methods", Map.of("current", true, "include_aliases", false));
        assertTrue(names.startsWith("[\"framework_get_config\"") && names.contains("thing_create"), names);
        // SPDK's load_config calls whatever may be called.
        assertFalse(names.contains("framework_start_init"), names);
        assertTrue(call("rpc_get_methods", Map.of()).contains("framework_start_init"));
    }

    @Test
    void shouldGiveConfigurationWhenSubsystemIsNamed() throws Exception {
        addSource("nvmf", List.of("bdev", "accel"));
        addSource("bdev", List.of(), new ConfigSource.Call("bdev_x_create", Map.of("name", "x")));
        addSource("bdev", List.of(), new ConfigSource.Call("bdev_y", Map.of()));
        assertEquals("[{\"subsystem\":\"bdev\",\"depends_on\":[]},{\"subsystem\":\"nvmf\",\"depends_on\":[\"bdev\"]}]",
            call("framework_get_subsystems", Map.of()));
        assertEquals("[{\"method\":\"bdev_x_create\",\"params\":{\"name\":\"x\"}},{\"method\":\"bdev_y\"}]",
            call("framework_get_config", Map.of("name", "bdev")));
        assertEquals("[]", call("framework_get_config", Map.of("name", "nvmf")));
    }

    @Test
    void shouldRefuseWhenSubsystemIsUnknown() {
        StorageException e = assertThrows(StorageException.class, () -> call("framework_get_config", Map.of("name", "none")));
        assertEquals(RpcError.INVALID_PARAMS, e.code());
        assertTrue(e.getMessage().startsWith("Subsystem 'none' not found"), e.getMessage());
    }

    @Test
    void shouldAskPlayerWhenStartIsAwaited() throws Exception {
        RpcMethod startup = RpcMethod.named("karst_get_startup", "karst", "startup", "Tells how the start went")
            .takes(RpcParameter.optional("wait", RpcParameter.Type.BOOLEAN, "Wait for the end"))
            .does(call -> Map.of("state", call.flag("wait", false) ? "ready" : "starting"));
        fixture.registry.addMethods(() -> List.of(startup));
        assertEquals("true", call("framework_wait_init", Map.of()));
    }

    @Test
    void shouldStopWhenKilled() throws Exception {
        assertEquals("true", call("spdk_kill_instance", Map.of("sig_name", "SIGTERM")));
        assertEquals(0, fixture.stopped.getCount());
        assertThrows(StorageException.class, () -> call("spdk_kill_instance", Map.of("sig_name", "SIGUSR1")));
    }
}
