package dev.karst.rpc.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.StorageException;
import dev.karst.rpc.ConfigSource;
import dev.karst.rpc.RpcError;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcMethods;
import dev.karst.rpc.RpcRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class WhiteboardRegistryTest {
    private final Fixture fixture = new Fixture();
    private final WhiteboardRegistry registry = fixture.registry;

    /** A source without calls. */
    private record Source(String subsystem, List<String> after, List<Call> calls) implements ConfigSource {
        Source(String subsystem, String... after) {
            this(subsystem, List.of(after), List.of());
        }
    }

    private static RpcMethods one(String name, Object result) {
        RpcMethod method = RpcMethod.named(name, "x", "y", "Gives it").does(call -> result);
        return () -> List.of(method);
    }

    @Test
    void shouldKeepFirstWhenNameIsOfferedTwice() throws Exception {
        RpcMethods first = one("twice", 1L);
        registry.addMethods(first);
        registry.addMethods(one("twice", 2L));
        assertEquals(1L, registry.call("twice", Map.of()));
        registry.removeMethods(first);
        assertEquals(2L, registry.call("twice", Map.of()));
    }

    @Test
    void shouldListSortedWhenMethodsComeAndGo() {
        List<String> names = registry.methods().stream().map(RpcMethod::name).toList();
        assertEquals(names.stream().sorted().toList(), names);
        assertTrue(names.contains("thing_list") && names.contains("rpc_get_methods"));
        registry.removeMethods(fixture.layer);
        assertFalse(registry.method("thing_list").isPresent());
    }

    @Test
    void shouldSayNotFoundWhenMethodIsUnknown() {
        assertEquals(RpcError.METHOD_NOT_FOUND,
            assertThrows(StorageException.class, () -> registry.call("none", Map.of())).code());
    }

    @Test
    void shouldTellListenersUntilTheyAreClosed() {
        AtomicInteger changes = new AtomicInteger();
        RpcRegistry.Watch watch = registry.watch(changes::incrementAndGet);
        RpcMethods layer = one("other", 1L);
        registry.addMethods(layer);
        registry.removeMethods(layer);
        watch.close();
        registry.addMethods(layer);
        assertEquals(2, changes.get());
    }

    @Test
    void shouldWaitForRunningCallWhenLayerGoes() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        RpcMethod method = RpcMethod.named("busy", "x", "busy", "Runs until it is cancelled").does(call -> {
            entered.countDown();
            while (!call.isCancelled()) {
                Thread.onSpinWait();
            }
            return "cancelled";
        });
        RpcMethods layer = () -> List.of(method);
        registry.addMethods(layer);
        CompletableFuture<Object> call = CompletableFuture.supplyAsync(() -> {
            try {
                return registry.call("busy", Map.of());
            } catch (StorageException e) {
                return e;
            }
        });
        assertTrue(Fixture.await(entered));
        registry.removeMethods(layer);
        assertEquals("cancelled", call.get(20, TimeUnit.SECONDS));
    }

    /** A layer with a state and a method. */
    private record Layer(RpcMethod method) implements ConfigSource, RpcMethods {
        @Override
        public String subsystem() {
            return "x";
        }

        @Override
        public List<String> after() {
            return List.of();
        }

        @Override
        public List<Call> calls() {
            return List.of();
        }

        @Override
        public List<RpcMethod> methods() {
            return List.of(method);
        }
    }

    @Test
    void shouldTellOfALayerThatGoesWhenItsMethodsAreGoneAndItsStateIsThere() {
        Layer layer = new Layer(RpcMethod.named("x_do", "x", "do", "Does it").does(call -> true));
        List<String> heard = new ArrayList<>();
        RpcRegistry.Watch watch = registry.watchLayers(new RpcRegistry.LayerListener() {
            @Override
            public void leaving(ConfigSource source) {
                heard.add("leaving " + registry.method("x_do").isPresent() + registry.configSources().contains(source));
            }

            @Override
            public void arrived(ConfigSource source) {
                heard.add("arrived " + registry.configSources().contains(source));
            }
        });
        registry.addMethods(layer);
        registry.addSource(layer);
        registry.removeSource(layer);
        registry.removeMethods(layer);
        watch.close();
        registry.addSource(layer);
        assertEquals(List.of("arrived true", "leaving falsetrue"), heard);
    }

    @Test
    void shouldSortSourcesWhenOneNeedsAnother() {
        List.of(new Source("nvmf", "bdev"), new Source("iscsi", "scsi"), new Source("bdev", "accel", "none"), new Source("scsi", "bdev"),
            new Source("bdev"), new Source("accel")).forEach(registry::addSource);
        assertEquals(List.of("accel", "bdev", "bdev", "scsi", "iscsi", "nvmf"),
            registry.configSources().stream().map(ConfigSource::subsystem).toList());
    }

    @Test
    void shouldGiveEachSourceOnceWhenTheyNeedEachOther() {
        List.of(new Source("a", "b"), new Source("b", "a")).forEach(registry::addSource);
        assertEquals(2, registry.configSources().size());
    }
}
