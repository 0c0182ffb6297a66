package dev.karst.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.StorageException;
import dev.karst.rpc.ConfigSource;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcError;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class StartupPlayerTest {
    private static final long LONG = TimeUnit.SECONDS.toNanos(20);

    private final Registry registry = new Registry();
    private final StartupState state = new StartupState();

    /** A registry that tells when somebody begins to watch. */
    private static final class Registry implements RpcRegistry {
        final Map<String, RpcMethod> methods = new TreeMap<>();
        final List<String> called = new ArrayList<>();
        final CountDownLatch asked = new CountDownLatch(1);
        private Runnable listener = () -> {};
        private int notReady;

        void add(String name) {
            synchronized (this) {
                methods.put(name, RpcMethod.named(name, "x", name, "Records itself").does(call -> called.add(name)));
            }
            listener.run();
        }

        @Override
        public List<RpcMethod> methods() {
            return List.copyOf(methods.values());
        }

        @Override
        public synchronized Optional<RpcMethod> method(String name) {
            asked.countDown();
            return Optional.ofNullable(methods.get(name));
        }

        @Override
        public Object call(String name, Map<String, Object> parameters) throws StorageException {
            if (parameters.containsKey("fail")) {
                throw StorageException.errno(17, "File exists");
            }
            if (notReady > 0) {
                notReady--;
                throw StorageException.errno(11, "not ready");
            }
            RpcMethod method = method(name).orElseThrow(() -> RpcError.methodNotFound(name));
            return method.handler().call(new RpcCall(parameters, percent -> {}, () -> false));
        }

        @Override
        public List<ConfigSource> configSources() {
            return List.of();
        }

        @Override
        public Watch watch(Runnable listener) {
            this.listener = listener;
            return () -> {};
        }
    }

    private static StartupFile.Call call(String method) {
        return new StartupFile.Call(method, Map.of());
    }

    private Object startup() throws StorageException {
        return state.methods().getFirst().handler().call(new RpcCall(Map.of("wait", false), percent -> {}, () -> false));
    }

    @Test
    void shouldGoOnWhenCallFails() throws Exception {
        List.of("a", "b").forEach(registry::add);
        StartupPlayer player = new StartupPlayer(registry, state, LONG);
        assertTrue(player.play(List.of(call("a"), new StartupFile.Call("b", Map.of("name", "x", "fail", 1L)), call("b"))));
        assertEquals(List.of("a", "b"), registry.called);
        state.end(null);
        assertEquals(
            Map.of("state", "failed", "calls", 3L, "failed", List.of(Map.of("method", "b", "message", "File exists"))), startup());
    }

    @Test
    void shouldNotWaitForEachWhenSeveralMethodsAreAbsent() {
        StartupPlayer player = new StartupPlayer(registry, state, 1);
        assertTrue(player.play(List.of(call("a"), call("b"), call("c"))));
        assertEquals(3, state.failedCalls());
    }

    @Test
    void shouldCallInFileOrderWhenMethodsComeLate() throws Exception {
        StartupPlayer player = new StartupPlayer(registry, state, LONG);
        CompletableFuture<Boolean> play = CompletableFuture.supplyAsync(() -> player.play(List.of(call("a"), call("b"))));
        assertTrue(registry.asked.await(20, TimeUnit.SECONDS));
        registry.add("b");
        registry.add("a");
        assertTrue(play.get());
        assertEquals(List.of("a", "b"), registry.called);
    }

    @Test
    void shouldCallAgainWhenLayerIsNotReady() {
        registry.add("a");
        registry.notReady = 3;
        assertTrue(new StartupPlayer(registry, state, LONG).play(List.of(call("a"))));
        assertEquals(List.of("a"), registry.called);
        assertEquals(0, state.failedCalls());
    }

    @Test
    void shouldReportWhenLayerIsNotReadyInTime() {
        registry.add("a");
        registry.notReady = Integer.MAX_VALUE;
        assertTrue(new StartupPlayer(registry, state, 1).play(List.of(call("a"))));
        assertEquals(1, state.failedCalls());
    }

    @Test
    void shouldEndWhenStoppedWhileWaiting() throws Exception {
        StartupPlayer player = new StartupPlayer(registry, state, LONG);
        CompletableFuture<Boolean> play = CompletableFuture.supplyAsync(() -> player.play(List.of(call("a"))));
        assertTrue(registry.asked.await(20, TimeUnit.SECONDS));
        player.stop();
        assertFalse(play.get());
        assertEquals(0, state.calls());
    }

    @Test
    void shouldTellStateAsItChanges() throws Exception {
        assertEquals(Map.of("state", "starting", "calls", 0L, "failed", List.of()), startup());
        state.succeeded();
        state.end(null);
        assertEquals(Map.of("state", "ready", "calls", 1L, "failed", List.of()), startup());
    }

    @Test
    void shouldSayWhyWhenFileWasMalformed() throws Exception {
        state.end("karst.json, line 1, column 2: x");
        assertEquals(Map.of("state", "failed", "calls", 0L, "failed", List.of(), "message", "karst.json, line 1, column 2: x"), startup());
    }
}
