package dev.karst.bdev.lvol.rpc;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.lvol.bdev.LvolJson;
import dev.karst.bdev.lvol.bdev.OwnPool;
import dev.karst.bdev.lvol.bdev.VolumeFacts;
import dev.karst.bdev.lvol.disk.ClearMethod;
import dev.karst.bdev.lvol.store.LvolStore;
import dev.karst.bdev.lvol.store.Outcome;
import dev.karst.bdev.lvol.store.Volume;
import dev.karst.bdev.lvol.store.VolumeOptions;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcList;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcMethod.Handler;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Kind;
import dev.karst.rpc.RpcParameter.Type;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;

/** Methods for volumes. */
final class VolumeMethods {
    private static final String SCOPE = StoreMethods.SCOPE;
    private static final RpcParameter NAME =
        RpcParameter.required("name", Type.STRING, "Volume: store/name, or its UUID").of(Kind.BDEV);
    private static final RpcParameter VOLUME =
        RpcParameter.required("lvol_name", Type.STRING, "Volume: store/name, or its UUID").of(Kind.BDEV);
    private static final long MEBIBYTE = 1 << 20;

    private final LvolMethods.Source pools;

    VolumeMethods(LvolMethods.Source pools) {
        this.pools = pools;
    }

    List<RpcMethod> all() {
        return List.of(
            create(), snapshot(), cloned(), rename(), resize(),
            simple("bdev_lvol_set_read_only", "set-read-only", "Lets a volume be read only, for ever", this::setReadOnly),
            simple("bdev_lvol_delete", "delete", "Deletes a volume", this::delete),
            simple("bdev_lvol_inflate", "inflate", "Gives a volume clusters of its own everywhere, and no parent", changes(LvolStore::inflate)),
            simple("bdev_lvol_decouple_parent", "decouple-parent",
                "Gives a volume what its parent holds, and takes it from the parent", changes(LvolStore::decouple)),
            setParent(), clonedOutside(), setParentOutside(), list());
    }

    private static Handler late(Handler handler) {
        return call -> {
            try {
                return handler.call(call);
            } catch (StorageException e) {
                throw Found.late(e);
            }
        };
    }

    private RpcMethod simple(String name, String command, String doc, Handler handler) {
        return RpcMethod.named(name, SCOPE, command, doc).takes(NAME).does(late(handler));
    }

    /** Something that the store does with a volume. */
    private interface Change {
        void start(LvolStore store, Volume volume, Outcome<Void> outcome) throws StorageException;
    }

    private Handler changes(Change change) {
        return call -> {
            change(Found.volume(pools.get(), call.string("name")), change);
            return true;
        };
    }

    private static void change(Found.InPool found, Change change) throws StorageException {
        OwnPool pool = found.pool();
        pool.<Void>change((store, outcome) -> change.start(store, pool.volume(found.uuid()), outcome));
    }

    /** As above, while the volume is no block device. */
    private static void aside(Found.InPool found, Change change) throws StorageException {
        OwnPool pool = found.pool();
        pool.<Void>changeAside(found.uuid(), (store, outcome) -> change.start(store, pool.volume(found.uuid()), outcome));
    }

    private static int clusters(OwnPool pool, RpcCall call) throws StorageException {
        long mebibytes = call.number("size_in_mib");
        long size = pool.facts().clusterBytes();
        if (mebibytes > Integer.MAX_VALUE * size / MEBIBYTE) {
            throw StorageException.failure(Errno.ENOSPC, "size_in_mib is " + mebibytes + ", which is more than any volume can have");
        }
        return (int) ((mebibytes * MEBIBYTE + size - 1) / size);
    }

    private static String registered(OwnPool pool, Volume volume) throws StorageException {
        pool.register(volume.uuid());
        return volume.uuid().toString();
    }

    private UUID newUuid() throws StorageException {
        return pools.get().host().environment().newUuid();
    }

    private RpcMethod create() {
        return RpcMethod.named("bdev_lvol_create", SCOPE, "create", "Makes a volume, and gives its UUID")
            .takes(RpcParameter.required("lvol_name", Type.STRING, "Name of the new volume"),
                RpcParameter.required("size_in_mib", Type.U64, "Its size, rounded up to whole clusters"),
                RpcParameter.optional("thin_provision", Type.BOOLEAN, "Whether it gets clusters when they are written").initially("false"),
                StoreMethods.STORE_UUID, StoreMethods.STORE,
                RpcParameter.optional("clear_method", Type.ENUM, "How what it frees is cleared")
                    .oneOf("default", "none", "unmap", "write_zeroes").initially("default"))
            .does(late(this::create));
    }

    private Object create(RpcCall call) throws StorageException {
        OwnPool pool = Found.own(pools.get(), call, "uuid", "lvs_name");
        String clear = call.string("clear_method", "default").toUpperCase(Locale.ROOT);
        ClearMethod method = clear.equals("DEFAULT") ? ClearMethod.UNMAP : ClearMethod.valueOf(clear);
        var options = new VolumeOptions(newUuid(), call.string("lvol_name"), call.flag("thin_provision", false), method, Map.of());
        int clusters = clusters(pool, call);
        return registered(pool, pool.<Volume>change((store, outcome) -> store.create(options, clusters, outcome)));
    }

    private RpcMethod snapshot() {
        return RpcMethod.named("bdev_lvol_snapshot", SCOPE, "snapshot", "Makes a snapshot of a volume, and gives its UUID")
            .takes(VOLUME, RpcParameter.required("snapshot_name", Type.STRING, "Name of the new snapshot"))
            .does(late(call -> {
                Found.InPool found = Found.volume(pools.get(), call.string("lvol_name"));
                OwnPool pool = found.pool();
                var options = new VolumeOptions(newUuid(), call.string("snapshot_name"), true);
                return registered(pool, pool.<Volume>change(
                    (store, outcome) -> store.snapshot(pool.volume(found.uuid()), options, outcome)));
            }));
    }

    private RpcMethod cloned() {
        return RpcMethod.named("bdev_lvol_clone", SCOPE, "clone", "Makes a volume that holds what a snapshot holds, and gives its UUID")
            .takes(RpcParameter.required("snapshot_name", Type.STRING, "Snapshot: store/name, or its UUID").of(Kind.BDEV),
                RpcParameter.required("clone_name", Type.STRING, "Name of the new volume"))
            .does(late(call -> {
                Found.InPool found = Found.volume(pools.get(), call.string("snapshot_name"));
                OwnPool pool = found.pool();
                var options = new VolumeOptions(newUuid(), call.string("clone_name"), true);
                return registered(pool, pool.<Volume>change(
                    (store, outcome) -> store.clone(pool.volume(found.uuid()), options, outcome)));
            }));
    }

    private RpcMethod rename() {
        return RpcMethod.named("bdev_lvol_rename", SCOPE, "rename", "Gives a volume another name within its store; nobody may have it claimed")
            .takes(RpcParameter.required("old_name", Type.STRING, "Volume: store/name, or its UUID").of(Kind.BDEV),
                RpcParameter.required("new_name", Type.STRING, "Name that it gets"))
            .does(late(call -> {
                Found.InPool found = Found.volume(pools.get(), call.string("old_name"));
                String name = call.string("new_name");
                again(found, (store, volume, outcome) -> store.rename(volume, name, outcome));
                return true;
            }));
    }

    /** What a block device says of itself for ever can change only while there is none. */
    private static void again(Found.InPool found, Change change) throws StorageException {
        found.pool().checkUnused(found.uuid());
        aside(found, change);
    }

    private Object setReadOnly(RpcCall call) throws StorageException {
        again(Found.volume(pools.get(), call.string("name")), LvolStore::setReadOnly);
        return true;
    }

    private RpcMethod resize() {
        return RpcMethod.named("bdev_lvol_resize", SCOPE, "resize", "Gives a volume another size")
            .takes(NAME, RpcParameter.required("size_in_mib", Type.U64, "Its size, rounded up to whole clusters"))
            .does(late(call -> {
                Found.InPool found = Found.volume(pools.get(), call.string("name"));
                found.pool().resize(found.uuid(), clusters(found.pool(), call));
                return true;
            }));
    }

    private Object delete(RpcCall call) throws StorageException {
        Found.InPool found = Found.volume(pools.get(), call.string("name"));
        VolumeFacts volume = found.volume();
        if (volume.clones().size() > 1) {
            throw StorageException.failure(
                Errno.EPERM, "snapshot " + volume.alias() + " has " + volume.clones().size() + " clones; delete or inflate all but one first");
        }
        aside(found, LvolStore::delete);
        return true;
    }

    private RpcMethod setParent() {
        return RpcMethod.named("bdev_lvol_set_parent", SCOPE, "set-parent", "Lets a volume stand on another snapshot, whose contents are seen from then on")
            .takes(VOLUME, RpcParameter.required("parent_name", Type.STRING, "Snapshot: store/name, or its UUID").of(Kind.BDEV))
            .does(late(call -> {
                Found.InPool found = Found.volume(pools.get(), call.string("lvol_name"));
                Found.InPool parent = Found.volume(pools.get(), call.string("parent_name"));
                if (found.pool() != parent.pool()) {
                    throw StorageException.failure(Errno.EINVAL, "the two volumes are not in one lvol store");
                }
                change(found, (store, volume, outcome) -> store.setParent(volume, found.pool().volume(parent.uuid()), outcome));
                found.pool().registerAll();
                return true;
            }));
    }

    private RpcMethod clonedOutside() {
        return RpcMethod.named("bdev_lvol_clone_bdev", SCOPE, "clone-bdev",
            "Makes a volume that holds what a block device holds, which nobody may write any more, and gives its UUID")
            .takes(RpcParameter.required("bdev", Type.STRING, "Block device of whole clusters").of(Kind.BDEV),
                RpcParameter.required("lvs_name", Type.STRING, "Name of the lvol store that gets the volume"),
                RpcParameter.required("clone_name", Type.STRING, "Name of the new volume"))
            .does(call -> {
                String name = call.string("lvs_name");
                OwnPool pool = Found.own(pools.get().find(null, name).orElseThrow(() -> StorageException.failure(
                    Errno.ENODEV, "there is no lvol store " + name + "; bdev_lvol_get_lvstores lists all")));
                var options = new VolumeOptions(newUuid(), call.string("clone_name"), true);
                return registered(pool, pool.cloneOutside(call.string("bdev"), options));
            });
    }

    private RpcMethod setParentOutside() {
        return RpcMethod.named("bdev_lvol_set_parent_bdev", SCOPE, "set-parent-bdev",
            "Lets a thin volume stand on a block device, whose contents are seen from then on, and which nobody may write any more")
            .takes(VOLUME, RpcParameter.required("parent_name", Type.STRING, "Block device of whole clusters").of(Kind.BDEV))
            .does(call -> {
                Found.InPool found = Found.volume(pools.get(), call.string("lvol_name"));
                found.pool().setParentOutside(found.uuid(), call.string("parent_name"));
                found.pool().registerAll();
                return true;
            });
    }

    private RpcMethod list() {
        return RpcMethod.named("bdev_lvol_get_lvols", SCOPE, "list", "Lists volumes, also those that cannot be read")
            .takes(RpcParameter.optional("lvs_uuid", Type.UUID, "UUID of the lvol store"),
                RpcParameter.optional("lvs_name", Type.STRING, "Name of the lvol store"))
            .readOnly()
            .shows("ALIAS", "alias").shows("UUID", "uuid").shows("THIN", "is_thin_provisioned").shows("SNAPSHOT", "is_snapshot")
            .shows("CLONE", "is_clone").shows("DEGRADED", "is_degraded").shows("CLUSTERS", "num_allocated_clusters")
            .does(call -> RpcList.of(Found.pools(pools.get(), call, "lvs_uuid", "lvs_name").stream()
                .flatMap(pool -> pool.volumes().stream()).toList(), LvolJson::volume));
    }
}
