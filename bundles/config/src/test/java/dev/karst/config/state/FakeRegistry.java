package dev.karst.config.state;

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
import java.util.concurrent.CountDownLatch;

/** A registry that tells when somebody begins to watch. */
public final class FakeRegistry implements RpcRegistry {
    public final List<String> called = new ArrayList<>();
    public final List<ConfigSource> sources = new ArrayList<>();
    public final CountDownLatch asked = new CountDownLatch(1);
    /** Calls with this value fail; null for none. */
    public String failing;
    /** How many calls are answered with EAGAIN first. */
    public int notReady;
    private final Map<String, RpcMethod> methods = new TreeMap<>();
    private Runnable listener = () -> {};
    private LayerListener layers;

    /** Adds a method that records itself. */
    public void add(String name) {
        add(RpcMethod.named(name, "x", name, "Records itself").does(call -> called.add(name)));
    }

    /** Adds a method. */
    public void add(RpcMethod method) {
        synchronized (this) {
            methods.put(method.name(), method);
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
    public Object call(String name, Map<String, Object> parameters) {
        throw new IllegalStateException(name + " is played as if it were a change");
    }

    @Override
    public Object replay(String name, Map<String, Object> parameters) throws StorageException {
        if (parameters.containsKey("fail") || failing != null && parameters.containsValue(failing)) {
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
        return List.copyOf(sources);
    }

    /** A layer goes, as when its bundle is stopped. */
    public void leave(ConfigSource source) {
        layers.leaving(source);
        sources.remove(source);
    }

    /** A layer comes. */
    public void arrive(ConfigSource source) {
        sources.add(source);
        layers.arrived(source);
    }

    @Override
    public Watch watchLayers(LayerListener listener) {
        layers = listener;
        return () -> {};
    }

    @Override
    public Watch watch(Runnable listener) {
        this.listener = listener;
        return () -> {};
    }
}
