package dev.karst.nvme.tcp;

import dev.karst.base.StorageException;
import dev.karst.bdev.core.BlockLayer;
import dev.karst.bdev.core.rpc.BdevFront;
import dev.karst.bdev.malloc.MallocModule;
import dev.karst.nvmf.core.NvmfTarget;
import dev.karst.nvmf.core.rpc.NvmfManagement;
import dev.karst.nvmf.tcp.TcpTransportProvider;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.rpc.RpcChecks;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcMethods;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Karst's own target in a world, with one namespace in memory. */
final class KarstTarget implements AutoCloseable {
    static final String SUBSYSTEM = "nqn.2026-11.dev.karst:peer";
    static final int PORT = 4420;
    static final int BLOCK_BYTES = 512;
    static final int BLOCKS = 1024;
    static final int MAX_IO_BYTES = 32 * 1024;

    private final BlockLayer blockLayer;
    private final NvmfTarget target;
    private final MallocModule malloc = new MallocModule();
    private final Map<String, RpcMethod> methods;

    KarstTarget(SimWorld world) throws StorageException {
        blockLayer = new BlockLayer(world.environment(), world.reactors());
        blockLayer.addModule(malloc);
        target = new NvmfTarget(world.environment(), world.reactors(), blockLayer);
        target.addProvider(new TcpTransportProvider());
        methods = Stream.<RpcMethods>of(malloc, new BdevFront(blockLayer), new NvmfManagement(target))
            .flatMap(layer -> layer.methods().stream())
            .collect(Collectors.toMap(RpcMethod::name, Function.identity()));
        call("bdev_malloc_create", Map.of("name", "disk", "block_size", (long) BLOCK_BYTES, "num_blocks", (long) BLOCKS));
        call("nvmf_create_transport", Map.of("trtype", "TCP", "max_io_size", (long) MAX_IO_BYTES));
        call("nvmf_create_subsystem", Map.of("nqn", SUBSYSTEM, "allow_any_host", true, "ana_reporting", true));
        call("nvmf_subsystem_add_ns", Map.of("nqn", SUBSYSTEM, "namespace", Map.of("bdev_name", "disk")));
        call("nvmf_subsystem_add_listener", Map.of("nqn", SUBSYSTEM, "listen_address",
            Map.of("trtype", "TCP", "adrfam", "IPv4", "traddr", "127.0.0.1", "trsvcid", Integer.toString(PORT))));
    }

    Object call(String method, Map<String, Object> parameters) throws StorageException {
        RpcMethod found = Objects.requireNonNull(methods.get(method), method);
        return found.handler().call(RpcChecks.check(found, new LinkedHashMap<>(parameters)));
    }

    @Override
    public void close() {
        target.close();
        blockLayer.removeModule(malloc);
        blockLayer.close();
    }
}
