package dev.karst.itests.stack;

import dev.karst.base.StorageException;
import dev.karst.bdev.core.BlockLayer;
import dev.karst.bdev.core.rpc.BdevFront;
import dev.karst.bdev.file.FileModule;
import dev.karst.bdev.malloc.MallocModule;
import dev.karst.bdev.module.BdevModule;
import dev.karst.bdev.nullblk.NullModule;
import dev.karst.bdev.passthru.PassthruModule;
import dev.karst.env.linux.LinuxEnvironment;
import dev.karst.nvmf.core.NvmfTarget;
import dev.karst.nvmf.core.rpc.NvmfManagement;
import dev.karst.nvmf.tcp.TcpTransportProvider;
import dev.karst.nvmf.testkit.NvmeTcpHost;
import dev.karst.nvmf.testkit.SocketWire;
import dev.karst.reactor.IdlePolicy;
import dev.karst.reactor.core.PinnedReactors;
import dev.karst.rpc.RpcChecks;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcMethods;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** All layers, constructed by hand as a plain program would, and driven through their RPC methods. */
final class Stack implements AutoCloseable {
    static final String SUBSYSTEM = "nqn.2026-11.dev.karst:stack";
    static final String HOST = "nqn.2026-11.dev.karst:host";

    final LinuxEnvironment environment = new LinuxEnvironment();
    final PinnedReactors reactors;
    final BlockLayer blockLayer;
    final NvmfTarget target;
    private final NvmfManagement management;
    final int port;
    private final List<BdevModule> modules;

    Stack(IdlePolicy policy) throws StorageException {
        reactors = new PinnedReactors(environment);
        reactors.all().forEach(reactor -> reactor.idlePolicy(policy));
        blockLayer = new BlockLayer(environment, reactors);
        modules = List.of(new MallocModule(), new NullModule(), new FileModule(), new PassthruModule());
        modules.forEach(blockLayer::addModule);
        target = new NvmfTarget(environment, reactors, blockLayer);
        management = new NvmfManagement(target);
        target.addProvider(new TcpTransportProvider());
        call("nvmf_create_transport", Map.of("trtype", "TCP"));
        call("nvmf_create_subsystem", Map.of("nqn", SUBSYSTEM, "allow_any_host", true, "serial_number", "STACK"));
        call("nvmf_subsystem_add_listener", Map.of("nqn", SUBSYSTEM, "listen_address",
            Map.of("trtype", "TCP", "adrfam", "IPv4", "traddr", "127.0.0.1", "trsvcid", "0")));
        port = listeningPort();
    }

    private int listeningPort() throws StorageException {
        List<?> listeners = (List<?>) call("nvmf_subsystem_get_listeners", Map.of("nqn", SUBSYSTEM));
        Map<?, ?> address = (Map<?, ?>) ((Map<?, ?>) listeners.getFirst()).get("address");
        return Integer.parseInt((String) address.get("trsvcid"));
    }

    /** Calls a method as a front would. */
    Object call(String method, Map<String, Object> parameters) throws StorageException {
        RpcMethod found = methods().stream().filter(candidate -> candidate.name().equals(method)).findFirst().orElseThrow();
        return found.handler().call(RpcChecks.check(found, new LinkedHashMap<>(parameters)));
    }

    /** The methods of all layers. */
    List<RpcMethod> methods() {
        return Stream.concat(modules.stream(), Stream.of(reactors, new BdevFront(blockLayer), management))
            .filter(RpcMethods.class::isInstance)
            .flatMap(layer -> ((RpcMethods) layer).methods().stream())
            .toList();
    }

    /** Serves a bdev as the next namespace. */
    void serve(String bdev) throws StorageException {
        call("nvmf_subsystem_add_ns", Map.of("nqn", SUBSYSTEM, "namespace", Map.of("bdev_name", bdev)));
    }

    /** A host on a connection of its own, nothing sent yet. */
    NvmeTcpHost host() throws IOException {
        return new NvmeTcpHost(new SocketWire("127.0.0.1", port));
    }

    /** An admin queue that is connected and enabled. */
    NvmeTcpHost admin() throws IOException {
        NvmeTcpHost admin = host();
        admin.initialize(false, false);
        expectSuccess(admin.connect(SUBSYSTEM, HOST, 0, 32));
        admin.enable();
        return admin;
    }

    /** An I/O queue of the admin queue's controller. */
    NvmeTcpHost io(NvmeTcpHost admin, int qid, boolean headerDigest, boolean dataDigest) throws IOException {
        NvmeTcpHost io = host();
        io.initialize(headerDigest, dataDigest);
        io.controllerId(admin.controllerId());
        expectSuccess(io.connect(SUBSYSTEM, HOST, qid, 128));
        return io;
    }

    static void expectSuccess(NvmeTcpHost.Completion completion) {
        if (completion.status() != 0) {
            throw new AssertionError(String.format("command %d ended with status %x", completion.cid(), completion.status()));
        }
    }

    @Override
    public void close() {
        target.close();
        modules.forEach(blockLayer::removeModule);
        blockLayer.close();
        reactors.stop();
    }
}
