package dev.karst.vhost.rpc;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Type;
import java.util.List;
import java.util.Map;

/** The methods about ways to virtio-blk devices, of which there is one. */
final class TransportMethods {
    /** The way over vhost-user. */
    static final String VHOST_USER_BLK = "vhost_user_blk";

    private TransportMethods() {}

    static List<RpcMethod> methods() {
        return List.of(create(), list());
    }

    /** Fails unless it is the one there is. */
    static void check(String name) throws StorageException {
        if (!name.equals(VHOST_USER_BLK)) {
            throw StorageException.failure(Errno.ENODEV, "there is no virtio-blk transport " + name + ", but " + VHOST_USER_BLK);
        }
    }

    private static RpcMethod create() {
        return RpcMethod.named("virtio_blk_create_transport", "vhost", "transport-create",
                "Makes a way to virtio-blk devices; there is one, from the start")
            .takes(RpcParameter.required("name", Type.STRING, "Its name"))
            .relaxed()
            .does(call -> {
                check(call.string("name"));
                throw StorageException.failure(Errno.EEXIST, "the virtio-blk transport " + VHOST_USER_BLK + " is there from the start");
            });
    }

    private static RpcMethod list() {
        return RpcMethod.named("virtio_blk_get_transports", "vhost", "transport-list", "Lists ways to virtio-blk devices")
            .takes(RpcParameter.optional("name", Type.STRING, "Name of the one to show; all when left out"))
            .shows("NAME", "name")
            .readOnly()
            .does(call -> {
                check(call.string("name", VHOST_USER_BLK));
                return List.of(Map.of("name", VHOST_USER_BLK));
            });
    }
}
