package dev.karst.rpc.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.StorageException;
import dev.karst.rpc.Effect;
import dev.karst.rpc.RpcError;
import dev.karst.rpc.RpcMethod;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A start that waits for {@code framework_start_init}. */
class HeldStartTest {
    private static final String START = "framework_start_init";

    private final List<String> made = new ArrayList<>();
    private final Fixture fixture = new Fixture(new HeldStart(true));

    HeldStartTest() {
        fixture.registry.addMethods(() -> List.of(
            RpcMethod.named("disk_create", "disk", "create", "Makes a disk").saved().with(Effect.made("disk_delete"))
                .does(call -> made.add("disk")),
            RpcMethod.named("disk_options", "disk", "options", "Sets options").saved()
                .with(Effect.set("disk_options", Map.of())).does(call -> made.add("options")),
            RpcMethod.named("karst_get_startup", "karst", "startup", "Has ended").relaxed().readOnly().does(call -> "ready")));
    }

    private Object call(String method) throws StorageException {
        return fixture.registry.call(method, Map.of());
    }

    @Test
    void shouldTakeSettingsAtOnceAndMakeNothingElseBeforeItGoesOn() throws Exception {
        call("disk_options");
        StorageException early = assertThrows(StorageException.class, () -> call("disk_create"));
        assertEquals(RpcError.WRONG_STATE, early.code());
        assertEquals(
            "Method may only be called after framework is initialized using framework_start_init RPC.", early.getMessage());
        assertEquals(List.of("options"), made);
    }

    @Test
    void shouldListWhatMayBeCalledWhenItWaitsAndWhenItDoesNot() throws Exception {
        assertEquals("true true false", callable());
        call(START);
        assertEquals("false true true", callable());
    }

    private String callable() throws StorageException {
        List<?> names = (List<?>) fixture.registry.call("rpc_get_methods", Map.of("current", true));
        return names.contains(START) + " " + names.contains("disk_options") + " " + names.contains("disk_create");
    }

    @Test
    void shouldPlayWhatIsSavedOnlyWhenItGoesOn() throws Exception {
        CompletableFuture<Object> played = background(() -> fixture.registry.replay("disk_create", Map.of()));
        CompletableFuture<Object> waiting = background(() -> call("framework_wait_init"));
        assertThrows(Exception.class, () -> played.get(300, TimeUnit.MILLISECONDS));
        assertFalse(waiting.isDone());
        assertEquals(true, call(START));
        played.get(20, TimeUnit.SECONDS);
        waiting.get(20, TimeUnit.SECONDS);
        assertEquals(List.of("disk"), made);
    }

    /** What runs beside the test. */
    @FunctionalInterface
    private interface Call {
        Object make() throws StorageException;
    }

    private static CompletableFuture<Object> background(Call call) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return call.make();
            } catch (StorageException e) {
                throw new IllegalStateException(e);
            }
        }, task -> Thread.ofVirtual().start(task));
    }

    @Test
    void shouldRefuseWhenItGoesOnAlready() throws Exception {
        call(START);
        StorageException late = assertThrows(StorageException.class, () -> call(START));
        assertEquals(RpcError.WRONG_STATE, late.code());
        assertTrue(late.getMessage().startsWith("Method may only be called before framework is initialized."), late.getMessage());
    }
}
