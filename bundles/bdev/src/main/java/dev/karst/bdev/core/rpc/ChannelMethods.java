package dev.karst.bdev.core.rpc;

import dev.karst.base.StorageException;
import dev.karst.bdev.core.BlockLayer;
import dev.karst.bdev.core.CoreBdev;
import dev.karst.reactor.Reactor;
import dev.karst.rpc.RpcMethod;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Who has which block devices open on which reactor. */
final class ChannelMethods {
    private final BlockLayer layer;

    ChannelMethods(BlockLayer layer) {
        this.layer = layer;
    }

    List<RpcMethod> methods() {
        return List.of(RpcMethod.named("thread_get_io_channels", "bdev", "get-channels",
                "Counts the open channels of block devices on each reactor, in SPDK's form")
            .readOnly()
            .does(_ -> list()));
    }

    private Object list() throws StorageException {
        List<List<Object>> open = new ArrayList<>();
        layer.reactors().all().forEach(_ -> open.add(new ArrayList<>()));
        for (CoreBdev bdev : layer.present()) {
            int[] channels = layer.lanes().openChannels(bdev);
            for (int reactor = 0; reactor < channels.length; reactor++) {
                if (channels[reactor] > 0) {
                    open.get(reactor).add(channel(bdev, channels[reactor]));
                }
            }
        }
        List<Object> threads = new ArrayList<>();
        for (Reactor reactor : layer.reactors().all()) {
            Map<String, Object> thread = new LinkedHashMap<>();
            thread.put("name", "reactor_" + reactor.id());
            thread.put("io_channels", open.get(reactor.id()));
            threads.add(thread);
        }
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("tick_rate", BdevJson.TICKS_PER_SECOND);
        answer.put("threads", threads);
        return answer;
    }

    private static Map<String, Object> channel(CoreBdev bdev, int count) {
        Map<String, Object> channel = new LinkedHashMap<>();
        channel.put("name", "bdev_" + bdev.name());
        channel.put("ref", (long) count);
        return channel;
    }
}
