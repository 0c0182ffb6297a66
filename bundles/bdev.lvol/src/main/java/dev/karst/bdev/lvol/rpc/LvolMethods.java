package dev.karst.bdev.lvol.rpc;

import dev.karst.base.StorageException;
import dev.karst.bdev.lvol.bdev.Pools;
import dev.karst.rpc.RpcMethod;
import java.util.List;
import java.util.stream.Stream;

/** All methods of this layer. */
public final class LvolMethods {
    private final List<RpcMethod> all;

    /** Where the pools come from. */
    @FunctionalInterface
    public interface Source {
        /** @throws StorageException EAGAIN while there is no block layer */
        Pools get() throws StorageException;
    }

    public LvolMethods(Source pools) {
        all = Stream.of(new StoreMethods(pools).all(), new VolumeMethods(pools).all(), new CopyMethods(pools).all()).flatMap(List::stream).toList();
    }

    public List<RpcMethod> all() {
        return all;
    }
}
