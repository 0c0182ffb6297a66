package dev.karst.bdev.core.rpc;

import dev.karst.base.StorageException;
import dev.karst.bdev.core.BlockLayer;
import dev.karst.bdev.core.bounce.BounceBuffers;
import dev.karst.bdev.core.bounce.BounceBuffers.Use;
import dev.karst.reactor.Reactor;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Type;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The buffers that the block layer moves data through when it cannot go straight. */
final class BufferMethods {
    private final BlockLayer layer;

    BufferMethods(BlockLayer layer) {
        this.layer = layer;
    }

    List<RpcMethod> methods() {
        return List.of(
            RpcMethod.named("iobuf_get_stats", "bdev", "buffers", "Counts how often buffers were taken, in SPDK's form")
                .readOnly()
                .does(_ -> List.of(statistics())),
            RpcMethod.named("iobuf_set_options", "bdev", "set-buffers",
                    "For saved files of SPDK; without effect, as each reactor has buffers of fixed number and size")
                .takes(count("small_pool_count"), count("large_pool_count"), bytes("small_bufsize"), bytes("large_bufsize"),
                    RpcParameter.optional("enable_numa", Type.BOOLEAN, "Without effect"))
                .does(_ -> true));
    }

    private static RpcParameter count(String name) {
        return RpcParameter.optional(name, Type.U64, "Without effect");
    }

    private static RpcParameter bytes(String name) {
        return RpcParameter.optional(name, Type.U32, "Without effect");
    }

    private Map<String, Object> statistics() throws StorageException {
        Use small = new Use(0, 0);
        Use large = new Use(0, 0);
        for (Reactor reactor : layer.reactors().all()) {
            BounceBuffers buffers = layer.buffers(reactor);
            small = small.plus(layer.reactors().call(reactor, _ -> buffers.smallUse()));
            large = large.plus(layer.reactors().call(reactor, _ -> buffers.largeUse()));
        }
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("module", "bdev");
        json.put("small_pool", pool(small));
        json.put("large_pool", pool(large));
        return json;
    }

    /** A reactor's buffers are what SPDK calls its cache; there is no pool behind them that reactors share. */
    private static Map<String, Object> pool(Use use) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("cache", use.takenAtOnce());
        json.put("main", 0L);
        json.put("retry", use.waitedFor());
        return json;
    }
}
