package dev.karst.config;

import dev.karst.base.StorageException;
import dev.karst.config.state.KeptState;
import dev.karst.rpc.ConfigSource;
import dev.karst.rpc.ConfigSource.Call;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcMethods;
import dev.karst.rpc.RpcRegistry;
import dev.karst.rpc.json.Json;
import dev.karst.rpc.json.JsonException;
import java.io.IOException;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/**
 * Brings back what a layer held that is restarted on its own: it has forgotten that, and the saved state has not. One layer after
 * the other, on threads of their own; changes wait until it is done.
 */
final class RestartedLayers implements RpcRegistry.LayerListener {
    private static final System.Logger LOG = System.getLogger(RestartedLayers.class.getName());

    /** How long a restarted layer's modules may take to come after it, when what is below was restarted too; one that is gone costs this once. */
    private static final long MODULES_NANOS = 5_000_000_000L;

    private final RpcRegistry registry;
    private final StartupState state;
    private final KeptState kept;
    private final BooleanSupplier stopping;
    private final long waitNanos;
    private final ReentrantLock turn = new ReentrantLock();
    /** Layers that have come; each is brought back once. */
    private final Set<ConfigSource> come = Collections.synchronizedSet(Collections.newSetFromMap(new IdentityHashMap<>()));

    /**
     * @param stopping whether all layers go, and none is to come back
     * @param waitNanos how long a call is made again that answers EAGAIN, in all
     */
    RestartedLayers(RpcRegistry registry, StartupState state, KeptState kept, BooleanSupplier stopping, long waitNanos) {
        this.registry = registry;
        this.state = state;
        this.kept = kept;
        this.stopping = stopping;
        this.waitNanos = waitNanos;
    }

    @Override
    public void leaving(ConfigSource source) {
        come.remove(source);
        if (!stopping.getAsBoolean()) {
            kept.leaves(source);
        }
    }

    @Override
    public void arrived(ConfigSource source) {
        if (come.add(source) && kept.arrives(source.subsystem())) {
            Thread.ofVirtual().name("karst-restore-" + source.subsystem()).start(() -> bringBack(source));
        }
    }

    private void bringBack(ConfigSource source) {
        try {
            List<Call> calls = missing(source, kept.callsOf(source, method -> isOwn(source, method)));
            List<Call> failed = play(source, calls);
            if (registry.configSources().contains(source)) {
                kept.restored(source.subsystem(), failed);
            }
        } catch (StorageException | IOException e) {
            LOG.log(System.Logger.Level.ERROR, "configuration: " + source.subsystem() + " was restarted and holds nothing: "
                + e.getMessage());
        } finally {
            kept.release();
        }
    }

    /** What the layer brought back by itself is not made once more. */
    private static List<Call> missing(ConfigSource source, List<Call> calls) {
        Set<Call> there = source.calls().stream().map(RestartedLayers::asRead).collect(Collectors.toSet());
        return calls.stream().filter(call -> !there.contains(asRead(call))).toList();
    }

    /** The call with parameters of the types that a reader gives, so that equal ones are equal; their order does not count. */
    private static Call asRead(Call call) {
        try {
            @SuppressWarnings("unchecked")
            Map<String, Object> parameters = (Map<String, Object>) Json.parse(Json.text(call.parameters()));
            return new Call(call.method(), parameters);
        } catch (JsonException e) {
            throw new IllegalStateException("the parameters of " + call.method() + " cannot be written and read", e);
        }
    }

    /** The methods of modules have the scope of the layer that the modules belong to. */
    private boolean isOwn(ConfigSource source, String method) {
        boolean offered = source instanceof RpcMethods own && own.methods().stream().anyMatch(each -> each.name().equals(method));
        return offered || registry.method(method).map(RpcMethod::scope).filter(source.subsystem()::equals).isPresent();
    }

    /** Gives the calls that failed. One whose device a module brought back by itself meanwhile did not. */
    private List<Call> play(ConfigSource source, List<Call> calls) {
        turn.lock();
        try {
            int before = state.failedCalls();
            new StartupPlayer(registry, state, Math.min(waitNanos, MODULES_NANOS), () -> true, () -> {},
                call -> missing(source, List.of(call)).isEmpty()).play(calls);
            List<Call> failed = state.leftOut().subList(before, state.failedCalls());
            LOG.log(System.Logger.Level.INFO, "configuration: {0} was restarted: {1} calls, {2} left out", source.subsystem(),
                calls.size(), failed.size());
            return failed;
        } finally {
            turn.unlock();
        }
    }
}
