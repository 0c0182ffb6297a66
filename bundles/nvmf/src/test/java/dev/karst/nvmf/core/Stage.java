package dev.karst.nvmf.core;

import dev.karst.base.StorageException;
import dev.karst.bdev.core.BlockLayer;
import dev.karst.bdev.core.rpc.BdevFront;
import dev.karst.bdev.malloc.MallocModule;
import dev.karst.bdev.module.BdevModule;
import dev.karst.bdev.passthru.PassthruModule;
import dev.karst.bdev.testkit.TestModule;
import dev.karst.nvmf.ListenAddress;
import dev.karst.nvmf.core.model.ReactorGroup;
import dev.karst.nvmf.core.model.Subsystem;
import dev.karst.nvmf.core.rpc.NvmfManagement;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.rpc.RpcChecks;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcMethods;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A target on a simulated machine, with a fake transport, memory devices and three kinds of modules. */
final class Stage {
    static final String NQN = "nqn.2016-06.io.spdk:cnode1";
    static final String HOST = "nqn.2014-08.org.nvmexpress:uuid:11111111-2222-3333-4444-555555555555";

    final SimWorld world;
    final BlockLayer bdevs;
    final MallocModule malloc = new MallocModule();
    private final PassthruModule passthru = new PassthruModule();
    final TestModule module;
    final FakeTransport transport = new FakeTransport();
    final NvmfTarget target;
    final NvmfManagement management;
    private final List<RpcMethod> methods = new ArrayList<>();

    Stage(SimWorld world) throws StorageException {
        this.world = world;
        bdevs = new BlockLayer(world.environment(), world.reactors());
        module = new TestModule(world.random().split());
        bdevs.addModule(malloc);
        bdevs.addModule(module);
        bdevs.addModule(passthru);
        target = new NvmfTarget(world.environment(), world.reactors(), bdevs);
        target.addProvider(transport);
        management = new NvmfManagement(target);
        for (RpcMethods more : List.of(malloc, passthru, new BdevFront(bdevs), management)) {
            methods.addAll(more.methods());
        }
    }

    /** With a transport, a device of 4 MiB and a subsystem that has it as namespace 1 for {@link #HOST}. */
    static Stage usual(SimWorld world) throws StorageException {
        var stage = new Stage(world);
        stage.call("nvmf_create_transport", "trtype", "TCP");
        stage.call("bdev_malloc_create", "name", "Malloc0", "num_blocks", 8192, "block_size", 512);
        stage.call("nvmf_create_subsystem", "nqn", NQN, "serial_number", "KARST1", "max_namespaces", 8);
        stage.call("nvmf_subsystem_add_host", "nqn", NQN, "host", HOST);
        stage.call("nvmf_subsystem_add_ns", "nqn", NQN, "namespace", Map.of("bdev_name", "Malloc0"));
        stage.call("nvmf_subsystem_add_listener", "nqn", NQN, "listen_address", address("4420"));
        return stage;
    }

    /** Another module, with its methods. */
    <M extends BdevModule & RpcMethods> void add(M more) {
        bdevs.addModule(more);
        methods.addAll(more.methods());
    }

    static Map<String, Object> address(String port) {
        return Map.of("trtype", "TCP", "adrfam", "IPv4", "traddr", "127.0.0.1", "trsvcid", port);
    }

    static ListenAddress listener() {
        return listener("4420");
    }

    static ListenAddress listener(String port) {
        return new ListenAddress("TCP", "IPv4", "127.0.0.1", port);
    }

    Object call(String method, Object... namesAndValues) throws StorageException {
        Map<String, Object> parameters = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            Object value = namesAndValues[i + 1];
            parameters.put((String) namesAndValues[i], value instanceof Integer number ? (Long) (long) number : value);
        }
        return callWith(method, parameters);
    }

    Object callWith(String method, Map<String, Object> parameters) throws StorageException {
        RpcMethod found = method(method);
        return found.handler().call(RpcChecks.check(found, parameters));
    }

    RpcMethod method(String name) {
        return methods.stream().filter(candidate -> candidate.name().equals(name)).findAny().orElseThrow();
    }

    /** A connection to {@link #listener}. */
    FakeConnection connect(Reactor reactor) throws Exception {
        return connect(reactor, listener());
    }

    FakeConnection connect(Reactor reactor, ListenAddress listener) throws Exception {
        var memory = world.environment().memory().allocate("host", FakeConnection.MEMORY_BYTES);
        return world.call(reactor, () -> transport.accept(reactor, listener, memory));
    }

    /** Ends everything, and says what was left behind. */
    void close() {
        target.close();
        FakeConnection.check(transport.connections.isEmpty(), "connections are left");
        for (Subsystem subsystem : target.subsystems()) {
            FakeConnection.check(subsystem.controllers().isEmpty(), "controllers are left: " + subsystem.controllers());
        }
        for (ReactorGroup group : target.groups()) {
            FakeConnection.check(group.queues().isEmpty() && group.waiting() == 0, "queues are left");
        }
        FakeConnection.check(bdevs.all().stream().allMatch(bdev -> bdev.claimedBy() == null),
            "a device is still claimed");
        bdevs.close();
    }
}
