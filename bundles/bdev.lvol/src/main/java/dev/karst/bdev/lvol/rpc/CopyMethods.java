package dev.karst.bdev.lvol.rpc;

import dev.karst.base.StorageException;
import dev.karst.bdev.lvol.bdev.Pools;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Kind;
import dev.karst.rpc.RpcParameter.Type;
import java.util.List;
import java.util.Map;

/** Methods for copies of single volumes to other block devices. */
final class CopyMethods {
    private final LvolMethods.Source pools;

    CopyMethods(LvolMethods.Source pools) {
        this.pools = pools;
    }

    List<RpcMethod> all() {
        return List.of(start(), check());
    }

    private RpcMethod start() {
        return RpcMethod.named("bdev_lvol_start_shallow_copy", StoreMethods.SCOPE, "start-shallow-copy",
            "Begins to copy the clusters that a read-only volume has itself to a block device, and gives the number of the operation")
            .takes(RpcParameter.required("src_lvol_name", Type.STRING, "Volume: store/name, or its UUID").of(Kind.BDEV),
                RpcParameter.required("dst_bdev_name", Type.STRING, "Block device that they are copied to, at least as large").of(Kind.BDEV))
            .does(this::start);
    }

    private Object start(RpcCall call) throws StorageException {
        Pools all = pools.get();
        Found.InPool found = Found.volume(all, call.string("src_lvol_name"));
        return Map.of("operation_id", all.copies().start(found.pool(), found.uuid(), call.string("dst_bdev_name")));
    }

    private RpcMethod check() {
        return RpcMethod.named("bdev_lvol_check_shallow_copy", StoreMethods.SCOPE, "check-shallow-copy",
            "Says how far a shallow copy is; of one that has ended it says so once")
            .takes(RpcParameter.required("operation_id", Type.U32, "Number that its start gave"))
            .does(call -> pools.get().copies().check(call.number("operation_id")).fields());
    }
}
