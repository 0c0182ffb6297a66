package dev.karst.bdev.lvol.rpc;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.Bdev;
import dev.karst.bdev.lvol.bdev.LvolJson;
import dev.karst.bdev.lvol.bdev.OwnPool;
import dev.karst.bdev.lvol.bdev.Pool;
import dev.karst.bdev.lvol.bdev.Pools;
import dev.karst.bdev.lvol.disk.ClearMethod;
import dev.karst.bdev.lvol.store.LvolStore;
import dev.karst.bdev.lvol.store.StoreCheck;
import dev.karst.bdev.lvol.store.StoreOptions;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcList;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Kind;
import dev.karst.rpc.RpcParameter.Type;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;

/** Methods for pools, which SPDK calls lvol stores. */
final class StoreMethods {
    static final String SCOPE = "lvol";
    static final RpcParameter STORE_UUID = RpcParameter.optional("uuid", Type.UUID, "UUID of the lvol store");
    static final RpcParameter STORE = RpcParameter.optional("lvs_name", Type.STRING, "Name of the lvol store");
    private static final long USUAL_CLUSTER = 4 << 20;
    private static final long USUAL_PERCENT = 100;
    private static final long PAGE = 4096;

    private final LvolMethods.Source pools;

    StoreMethods(LvolMethods.Source pools) {
        this.pools = pools;
    }

    List<RpcMethod> all() {
        return List.of(create(), delete(), rename(), grow(), list(), check(), repair());
    }

    private RpcMethod create() {
        return RpcMethod.named("bdev_lvol_create_lvstore", SCOPE, "store-create",
            "Makes an lvol store on a block device, whose contents are lost, and gives its UUID")
            .takes(RpcParameter.required("bdev_name", Type.STRING, "Block device that it lies on").of(Kind.BDEV),
                RpcParameter.required("lvs_name", Type.STRING, "Name of the new lvol store"),
                RpcParameter.optional("cluster_sz", Type.U32, "Bytes of a cluster, a multiple of 4096").initially("4194304"),
                RpcParameter.optional("clear_method", Type.ENUM, "How the device and what is freed later is cleared")
                    .oneOf("unmap", "write_zeroes", "none").initially("unmap"),
                RpcParameter.optional("num_md_pages_per_cluster_ratio", Type.U32, "Pages of 4096 bytes for metadata for each hundred clusters")
                    .initially("100"),
                RpcParameter.optional("md_page_size", Type.U32, "Bytes of a page of metadata; only 4096").initially("4096"))
            .does(this::create);
    }

    private Object create(RpcCall call) throws StorageException {
        Pools all = pools.get();
        String name = call.string("bdev_name");
        Bdev bdev = all.host().registry().find(name).orElseThrow(() -> StorageException.failure(
            Errno.ENODEV, "there is no block device " + name + "; bdev_get_bdevs lists all"));
        long cluster = call.number("cluster_sz", USUAL_CLUSTER);
        long percent = call.number("num_md_pages_per_cluster_ratio", USUAL_PERCENT);
        if (cluster > Integer.MAX_VALUE || percent > Integer.MAX_VALUE || call.number("md_page_size", PAGE) != PAGE) {
            throw StorageException.failure(Errno.EINVAL, "bdev_lvol_create_lvstore: cluster_sz is " + cluster
                + ", num_md_pages_per_cluster_ratio is " + percent + "; both are below 2^31, and md_page_size is 4096");
        }
        ClearMethod clear = ClearMethod.valueOf(call.string("clear_method", "unmap").toUpperCase(Locale.ROOT));
        UUID uuid = all.host().environment().newUuid();
        return all.create(bdev, new StoreOptions(uuid, call.string("lvs_name"), (int) cluster, (int) percent, clear)).facts().uuid().toString();
    }

    private RpcMethod delete() {
        return RpcMethod.named("bdev_lvol_delete_lvstore", SCOPE, "store-delete", "Deletes an lvol store with all its volumes")
            .takes(STORE_UUID, STORE)
            .does(call -> {
                Pools all = pools.get();
                all.destroy(Found.own(all, call, "uuid", "lvs_name"));
                return true;
            });
    }

    private RpcMethod rename() {
        return RpcMethod.named("bdev_lvol_rename_lvstore", SCOPE, "store-rename", "Gives an lvol store another name")
            .takes(RpcParameter.required("old_name", Type.STRING, "Name that it has"),
                RpcParameter.required("new_name", Type.STRING, "Name that it gets"))
            .does(this::rename);
    }

    private Object rename(RpcCall call) throws StorageException {
        Pools all = pools.get();
        String name = call.string("new_name");
        String old = call.string("old_name");
        Pool pool = all.find(null, old).orElseThrow(() -> StorageException.failure(
            Errno.ENODEV, "there is no lvol store " + old + "; bdev_lvol_get_lvstores lists all"));
        if (!name.equals(old) && all.find(null, name).isPresent()) {
            throw StorageException.failure(Errno.EEXIST, "there is an lvol store " + name + " already");
        }
        Found.own(pool).<Void>changeAside((store, outcome) -> store.renameStore(name, outcome));
        return true;
    }

    private RpcMethod grow() {
        return RpcMethod.named("bdev_lvol_grow_lvstore", SCOPE, "store-grow", "Lets an lvol store use what its block device has grown by")
            .takes(STORE_UUID, STORE)
            .does(call -> {
                Found.own(pools.get(), call, "uuid", "lvs_name").<Void>change(LvolStore::grow);
                return true;
            });
    }

    private RpcMethod list() {
        return RpcMethod.named("bdev_lvol_get_lvstores", SCOPE, "store-list", "Lists lvol stores, those that SPDK made too")
            .takes(STORE_UUID, STORE).readOnly()
            .shows("NAME", "name").shows("UUID", "uuid").shows("DEVICE", "base_bdev").shows("CLUSTER", "cluster_size")
            .shows("CLUSTERS", "total_data_clusters").shows("FREE", "free_clusters").shows("FAILURE", "failure")
            .does(call -> RpcList.of(Found.pools(pools.get(), call, "uuid", "lvs_name"), pool -> LvolJson.pool(pool.facts())));
    }

    private RpcMethod check() {
        return RpcMethod.named("karst_lvol_check", SCOPE, "check", "Reads all metadata of an lvol store while it works on, and says what is damaged")
            .takes(STORE_UUID, STORE).readOnly().runsLong()
            .does(call -> {
                Pool pool = Found.pool(pools.get(), call, "uuid", "lvs_name");
                StoreCheck found = check(pool, call);
                Map<String, Object> fields = new LinkedHashMap<>();
                fields.put("name", pool.facts().name());
                fields.put("volumes", (long) found.volumes());
                fields.put("degraded", pool.volumes().stream().filter(volume -> volume.degraded()).count());
                fields.put("pages", (long) found.pages());
                fields.put("clusters", (long) found.clusters());
                fields.put("damage", found.faults());
                if (!found.faults().isEmpty() && pool instanceof OwnPool own) {
                    StorageException obstacle = own.change((store, outcome) -> outcome.succeeded(store.repairObstacle(found)));
                    fields.put("repair_fits", obstacle == null);
                    if (obstacle != null) {
                        fields.put("repair_needs", obstacle.getMessage());
                    }
                }
                return fields;
            });
    }

    private RpcMethod repair() {
        return RpcMethod.named("karst_lvol_repair", SCOPE, "repair",
            "Checks an lvol store and says what would make it whole: writing metadata anew, and deleting volumes that are lost; does it when confirmed")
            .takes(STORE_UUID, STORE,
                RpcParameter.optional("confirm", Type.BOOLEAN, "Whether it is done; without it nothing is changed").initially("false"))
            .runsLong()
            .does(call -> {
                OwnPool pool = Found.own(pools.get(), call, "uuid", "lvs_name");
                StoreCheck found = check(pool, call);
                boolean confirmed = call.flag("confirm", false);
                List<String> steps = pool.change((store, outcome) -> {
                    if (confirmed) {
                        store.repair(found, outcome);
                    } else {
                        outcome.succeeded(store.repairs(found));
                    }
                });
                Map<String, Object> fields = new LinkedHashMap<>();
                fields.put("name", pool.facts().name());
                fields.put("done", confirmed);
                fields.put("repairs", steps);
                return fields;
            });
    }

    private static StoreCheck check(Pool pool, RpcCall call) throws StorageException {
        return pool.check(percent -> {
            call.progress(percent);
            return !call.isCancelled();
        });
    }
}
