package dev.karst.bdev.lvol.rpc;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.lvol.bdev.OwnPool;
import dev.karst.bdev.lvol.bdev.Pool;
import dev.karst.bdev.lvol.bdev.Pools;
import dev.karst.bdev.lvol.bdev.VolumeFacts;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcError;
import java.util.List;
import java.util.UUID;

/** The pools and volumes that calls name. */
final class Found {
    private Found() {}

    /** A volume in its pool. */
    record InPool(OwnPool pool, VolumeFacts volume) {
        UUID uuid() {
            return volume.uuid();
        }
    }

    /** @throws StorageException EINVAL when both or none are given, ENODEV when there is none */
    static Pool pool(Pools pools, RpcCall call, String uuid, String name) throws StorageException {
        if (call.has(uuid) == call.has(name)) {
            throw StorageException.failure(Errno.EINVAL, "give either " + uuid + " or " + name);
        }
        return pools.find(call.uuid(uuid), call.string(name)).orElseThrow(() -> StorageException.failure(
            Errno.ENODEV, "there is no lvol store " + call.string(call.has(uuid) ? uuid : name) + "; bdev_lvol_get_lvstores lists all"));
    }

    /** As above, one that can be changed. */
    static OwnPool own(Pools pools, RpcCall call, String uuid, String name) throws StorageException {
        return own(pool(pools, call, uuid, name));
    }

    static OwnPool own(Pool pool) throws StorageException {
        if (pool instanceof OwnPool own) {
            return own;
        }
        throw StorageException.failure(
            Errno.EROFS, "lvol store " + pool.facts().name() + " was made by SPDK, and is read only; copy its volumes to a store of Karst's");
    }

    /** A volume by its alias or UUID. */
    static InPool volume(Pools pools, String name) throws StorageException {
        for (Pool pool : pools.all()) {
            for (VolumeFacts volume : pool.volumes()) {
                if (volume.alias().equals(name) || volume.uuid().toString().equalsIgnoreCase(name)) {
                    return new InPool(own(pool), volume);
                }
            }
        }
        throw StorageException.failure(Errno.ENODEV, "there is no volume " + name + "; bdev_lvol_get_lvols lists all");
    }

    /** All pools, or the one that is named, as they are now. */
    static List<Pool> pools(Pools pools, RpcCall call, String uuid, String name) throws StorageException {
        List<Pool> found = call.has(uuid) || call.has(name) ? List.of(pool(pools, call, uuid, name)) : pools.all();
        for (Pool pool : found) {
            pool.refresh();
        }
        return found;
    }

    /** SPDK answers so what it finds out only after it has begun. */
    static StorageException late(StorageException failure) {
        boolean late = failure.code() == -Errno.ENOSPC || failure.code() == -Errno.EPERM;
        return late ? RpcError.invalidParameters(failure.getMessage()) : failure;
    }
}
