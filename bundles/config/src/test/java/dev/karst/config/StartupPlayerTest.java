package dev.karst.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.StorageException;
import dev.karst.config.state.FakeRegistry;
import dev.karst.rpc.ConfigSource;
import dev.karst.rpc.ConfigSource.Call;
import dev.karst.rpc.RpcCall;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class StartupPlayerTest {
    private static final long LONG = TimeUnit.SECONDS.toNanos(20);

    private final FakeRegistry registry = new FakeRegistry();
    private final StartupState state = new StartupState();

    private static Call call(String method) {
        return new Call(method, Map.of());
    }

    private Object startup() throws StorageException {
        return state.methods().getFirst().handler().call(new RpcCall(Map.of("wait", false), percent -> {}, () -> false));
    }

    @Test
    void shouldGoOnWhenCallFails() throws Exception {
        List.of("a", "b").forEach(registry::add);
        StartupPlayer player = new StartupPlayer(registry, state, LONG, () -> true, () -> {}, _ -> false);
        assertTrue(player.play(List.of(call("a"), new Call("b", Map.of("name", "x", "fail", 1L)), call("b"))));
        assertEquals(List.of("a", "b"), registry.called);
        state.end(null);
        assertEquals(
            Map.of("state", "failed", "calls", 3L, "failed", List.of(Map.of("method", "b", "code", -17L, "message", "File exists"))), startup());
    }

    /** A layer that finds by itself what a call names, a while after the call that made it look. */
    private final class Finder implements ConfigSource {
        private int waited;
        private boolean isInVain;

        @Override
        public String subsystem() {
            return "finder";
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
        public void settle() throws StorageException {
            waited++;
            if (isInVain) {
                throw StorageException.errno(110, "it takes too long");
            }
            registry.failing = null;
        }
    }

    @Test
    void shouldMakeACallAgainThatNeedsWhatALayerIsStillLookingFor() {
        List.of("a", "b").forEach(registry::add);
        var finder = new Finder();
        registry.sources.add(finder);
        registry.failing = "volume";
        StartupPlayer player = new StartupPlayer(registry, state, LONG, () -> true, () -> {}, _ -> false);
        assertTrue(player.play(List.of(call("a"), new Call("b", Map.of("name", "volume")))));
        assertEquals(List.of("a", "b"), registry.called);
        assertEquals(0, state.failedCalls());
        assertEquals(1, finder.waited);
    }

    @Test
    void shouldWaitOnceWhenALayerDoesNotFind() {
        registry.add("b");
        var finder = new Finder();
        finder.isInVain = true;
        registry.sources.add(finder);
        registry.failing = "volume";
        StartupPlayer player = new StartupPlayer(registry, state, LONG, () -> true, () -> {}, _ -> false);
        Call one = new Call("b", Map.of("name", "volume"));
        assertTrue(player.play(List.of(one, one)));
        assertEquals(List.of(one, one), state.leftOut());
        assertEquals(1, finder.waited);
    }

    @Test
    void shouldMakeACallAgainWhenTheLastBundleHasCome() {
        registry.add("b");
        registry.failing = "volume";
        StartupPlayer player = new StartupPlayer(registry, state, LONG, () -> {
            boolean first = registry.failing != null;
            registry.failing = null;
            return first;
        }, () -> {}, _ -> false).awaitingBundles();
        assertTrue(player.play(List.of(new Call("b", Map.of("name", "volume")))));
        assertEquals(List.of("b"), registry.called);
        assertEquals(0, state.failedCalls());
    }

    @Test
    void shouldLeaveNothingOutWhenSomebodyElseMadeItMeanwhile() throws Exception {
        registry.add("b");
        Call made = new Call("b", Map.of("name", "x", "fail", 1L));
        StartupPlayer player = new StartupPlayer(registry, state, LONG, () -> true, () -> {}, made::equals);
        assertTrue(player.play(List.of(made, new Call("b", Map.of("name", "y", "fail", 1L)))));
        assertEquals(List.of(new Call("b", Map.of("name", "y", "fail", 1L))), state.leftOut());
        assertEquals(2, state.calls());
    }

    @Test
    void shouldNotWaitForEachWhenSeveralMethodsAreAbsent() {
        StartupPlayer player = new StartupPlayer(registry, state, 1, () -> true, () -> {}, _ -> false);
        assertTrue(player.play(List.of(call("a"), call("b"), call("c"))));
        assertEquals(3, state.failedCalls());
    }

    @Test
    void shouldLeaveOutAtOnceWhenNothingIsBeingStarted() throws Exception {
        registry.add("b");
        StartupPlayer player = new StartupPlayer(registry, state, TimeUnit.DAYS.toNanos(1), () -> false, () -> {}, _ -> false);
        assertTrue(player.play(List.of(call("a"), call("b"), call("c"))));
        assertEquals(List.of("b"), registry.called);
        state.end(null);
        Map<String, Object> absent = Map.of("method", "a", "code", -32601L, "message", "Method not found: a");
        assertEquals(Map.of("state", "ready", "calls", 3L, "failed",
            List.of(absent, Map.of("method", "c", "code", -32601L, "message", "Method not found: c"))), startup());
    }

    @Test
    void shouldTakeAMethodThatCameWithTheLastBundle() {
        StartupPlayer player = new StartupPlayer(registry, state, LONG, () -> {
            boolean first = registry.method("a").isEmpty();
            registry.add("a");
            return first;
        }, () -> {}, _ -> false);
        assertTrue(player.play(List.of(call("a"))));
        assertEquals(List.of("a"), registry.called);
    }

    @Test
    void shouldCallInFileOrderWhenMethodsComeLate() throws Exception {
        StartupPlayer player = new StartupPlayer(registry, state, LONG, () -> true, () -> {}, _ -> false);
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
        assertTrue(new StartupPlayer(registry, state, LONG, () -> true, () -> {}, _ -> false).play(List.of(call("a"))));
        assertEquals(List.of("a"), registry.called);
        assertEquals(0, state.failedCalls());
    }

    @Test
    void shouldReportWhenLayerIsNotReadyInTime() {
        registry.add("a");
        registry.notReady = Integer.MAX_VALUE;
        assertTrue(new StartupPlayer(registry, state, 1, () -> true, () -> {}, _ -> false).play(List.of(call("a"))));
        assertEquals(1, state.failedCalls());
    }

    @Test
    void shouldEndWhenStoppedWhileWaiting() throws Exception {
        StartupPlayer player = new StartupPlayer(registry, state, LONG, () -> true, () -> {}, _ -> false);
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
