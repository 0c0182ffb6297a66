package dev.karst.bdev.lvol.bdev;

import java.util.LinkedHashMap;
import java.util.Map;

/** Pools and volumes as SPDK's clients see them. */
public final class LvolJson {
    private LvolJson() {}

    /** An element of bdev_lvol_get_lvstores. */
    public static Map<String, Object> pool(PoolFacts facts) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("uuid", facts.uuid().toString());
        fields.put("name", facts.name());
        fields.put("base_bdev", facts.base());
        fields.put("total_data_clusters", facts.dataClusters());
        fields.put("free_clusters", facts.freeClusters());
        fields.put("block_size", (long) facts.blockSize());
        fields.put("cluster_size", facts.clusterBytes());
        fields.put("max_growable_size", facts.mostBytes());
        if (facts.failure() != null) {
            fields.put("failure", facts.failure());
        }
        return fields;
    }

    /** An element of bdev_lvol_get_lvols. */
    public static Map<String, Object> volume(VolumeFacts facts) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("alias", facts.alias());
        fields.put("uuid", facts.uuid().toString());
        fields.put("name", facts.name());
        fields.put("is_thin_provisioned", facts.thin());
        fields.put("is_snapshot", facts.snapshot());
        fields.put("is_clone", facts.parent() != null);
        fields.put("is_esnap_clone", facts.external() != null);
        fields.put("is_degraded", facts.degraded());
        fields.put("num_allocated_clusters", facts.allocated());
        Map<String, Object> pool = new LinkedHashMap<>();
        pool.put("name", facts.pool());
        pool.put("uuid", facts.poolUuid().toString());
        fields.put("lvs", pool);
        return fields;
    }

    /** What a volume says of itself in bdev_get_bdevs. */
    static Map<String, Object> driverSpecific(VolumeFacts facts) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("lvol_store_uuid", facts.poolUuid().toString());
        fields.put("base_bdev", facts.base());
        fields.put("thin_provision", facts.thin());
        fields.put("num_allocated_clusters", facts.allocated());
        fields.put("snapshot", facts.snapshot());
        fields.put("clone", facts.parent() != null);
        if (facts.parent() != null) {
            fields.put("base_snapshot", facts.parent());
        }
        if (!facts.clones().isEmpty()) {
            fields.put("clones", facts.clones());
        }
        fields.put("esnap_clone", facts.external() != null);
        if (facts.external() != null) {
            fields.put("external_snapshot_name", facts.external());
        }
        return fields;
    }

    /** How far a shallow copy is. */
    public record Copied(ShallowCopy.State state, int copied, int total, String error) {
        static Copied of(ShallowCopy copy) {
            ShallowCopy.State state = copy.state();
            return new Copied(state, copy.copiedClusters(), copy.totalClusters(), copy.error());
        }

        /** What bdev_lvol_check_shallow_copy answers. */
        public Map<String, Object> fields() {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("state", state.text());
            fields.put("copied_clusters", (long) copied);
            fields.put("total_clusters", (long) total);
            if (state == ShallowCopy.State.ERROR) {
                fields.put("error", error);
            }
            return fields;
        }
    }
}
