package dev.karst.bdev.core.rpc;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.core.BlockLayer;
import dev.karst.bdev.core.CoreBdev;
import dev.karst.bdev.core.Lanes;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcList;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Kind;
import dev.karst.rpc.RpcParameter.Type;
import java.util.List;

/** The management of block devices whatever their kind: SPDK's methods, and two of our own for the shell. */
final class BdevMethods {
    private static final RpcParameter NAME =
        RpcParameter.optional("name", Type.STRING, "Name, alias or UUID of a block device; all when left out")
            .of(Kind.BDEV);

    private final BlockLayer layer;
    private final Lanes lanes;

    BdevMethods(BlockLayer layer) {
        this.layer = layer;
        this.lanes = layer.lanes();
    }

    List<RpcMethod> methods() {
        return List.of(getBdevs(), show());
    }

    private RpcMethod getBdevs() {
        return RpcMethod.named("bdev_get_bdevs", "bdev", "list", "Lists block devices")
            .takes(NAME, RpcParameter.optional("timeout", Type.U32, "How long to wait for it to come, in ms")
                .initially("0"))
            .shows("NAME", "name")
            .shows("PRODUCT", "product_name")
            .shows("BLOCK SIZE", "block_size")
            .shows("BLOCKS", "num_blocks")
            .shows("UUID", "uuid")
            .shows("CLAIMED", "claimed")
            .shows("STATE", "state")
            .readOnly()
            .does(this::getBdevs);
    }

    private Object getBdevs(RpcCall call) throws StorageException {
        if (!call.has("name")) {
            return RpcList.of(layer.present(), BdevJson::bdev);
        }
        CoreBdev bdev = layer.await(call.string("name"), call.number("timeout", 0))
            .orElseThrow(BdevMethods::noSuchDevice);
        return List.of(BdevJson.bdev(bdev));
    }

    /** Clients of SPDK look for just these words. */
    static StorageException noSuchDevice() {
        return StorageException.errno(Errno.ENODEV, Errno.text(Errno.ENODEV));
    }

    private RpcMethod show() {
        return RpcMethod.named("karst_bdev_show", "bdev", "info", "Shows what is known of a block device")
            .takes(RpcParameter.required("name", Type.STRING, "Name, alias or UUID of the block device").of(Kind.BDEV))
            .readOnly()
            .does(this::show);
    }

    private Object show(RpcCall call) throws StorageException {
        CoreBdev bdev = (CoreBdev) layer.find(call.string("name")).orElseThrow(BdevMethods::noSuchDevice);
        return BdevJson.details(bdev, lanes.occupancy(bdev));
    }
}
