package dev.karst.bdev.testkit;

import dev.karst.base.StorageException;
import dev.karst.bdev.core.BlockLayer;
import dev.karst.bdev.core.rpc.BdevFront;
import dev.karst.bdev.module.BdevModule;
import dev.karst.env.Environment;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Reactors;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.rpc.RpcChecks;
import dev.karst.rpc.RpcError;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcMethods;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * A block layer with the modules that a test adds, in a simulated or a real environment. Called by the test's thread, which
 * stands for a control thread.
 */
public final class BdevStage {
    private final Environment environment;
    private final Reactors reactors;
    private final Consumer<BooleanSupplier> waiting;
    private final BlockLayer layer;
    private final BdevFront front;
    private final List<BdevModule> modules = new ArrayList<>();

    /** On the simulator. */
    public BdevStage(SimWorld world) {
        this(world.environment(), world.reactors(), world::until);
    }

    /** Anywhere; {@code waiting} returns when the condition that it is given holds. */
    public BdevStage(Environment environment, Reactors reactors, Consumer<BooleanSupplier> waiting) {
        this.environment = environment;
        this.reactors = reactors;
        this.waiting = waiting;
        this.layer = new BlockLayer(environment, reactors);
        this.front = new BdevFront(layer);
    }

    public Environment environment() {
        return environment;
    }

    public Reactors reactors() {
        return reactors;
    }

    public BlockLayer layer() {
        return layer;
    }

    /** The management front of the layer. */
    public BdevFront front() {
        return front;
    }

    /** The module's bundle starts. */
    public BdevModule add(BdevModule module) {
        layer.addModule(module);
        modules.add(module);
        return module;
    }

    /** The module's bundle stops: its devices are parked. */
    public void remove(BdevModule module) {
        layer.removeModule(module);
        modules.remove(module);
    }

    /**
     * Calls a method of the layer or of one of the modules, as a client would.
     *
     * @throws StorageException what the method says
     */
    public Object call(String method, Map<String, Object> parameters) throws StorageException {
        RpcMethod found = method(method);
        return found.handler().call(RpcChecks.check(found, parameters));
    }

    /**
     * A method of the layer or of one of the modules.
     *
     * @throws StorageException when there is none
     */
    public RpcMethod method(String name) throws StorageException {
        return Stream.concat(Stream.of(front), modules.stream())
            .filter(RpcMethods.class::isInstance)
            .flatMap(one -> ((RpcMethods) one).methods().stream())
            .filter(candidate -> candidate.name().equals(name))
            .findAny().orElseThrow(() -> RpcError.methodNotFound(name));
    }

    /** As above, the parameters given as names and values in turn. */
    public Object call(String method, Object... namesAndValues) throws StorageException {
        Map<String, Object> parameters = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            Object value = namesAndValues[i + 1];
            parameters.put((String) namesAndValues[i], value instanceof Integer number ? (Long) (long) number : value);
        }
        return call(method, parameters);
    }

    /** Opens a device for writing if it can be written, with a channel on the reactor. */
    public OpenBdev open(String name, Reactor reactor) throws StorageException {
        return new OpenBdev(this, name, reactor);
    }

    /** Returns when the condition holds; fails if it never does. */
    public void until(BooleanSupplier condition) {
        waiting.accept(condition);
    }

    /** Runs it on the reactor and returns when it has run. */
    public void on(Reactor reactor, Runnable task) throws StorageException {
        reactors.call(reactor, on -> {
            task.run();
            return null;
        });
    }
}
