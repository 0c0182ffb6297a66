package dev.karst.bdev.core.rpc;

import dev.karst.bdev.Bdev.State;
import dev.karst.bdev.IoType;
import dev.karst.bdev.Metadata;
import dev.karst.bdev.core.CoreBdev;
import dev.karst.bdev.core.Lanes.Occupancy;
import dev.karst.bdev.core.measure.Counters;
import dev.karst.bdev.core.measure.Outcome;
import dev.karst.bdev.core.measure.QueueDepth;
import dev.karst.bdev.module.CreationRecord;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Block devices as plain values, in SPDK's shape and order. A tick is a nanosecond. */
final class BdevJson {
    static final long TICKS_PER_SECOND = 1_000_000_000L;

    private BdevJson() {}

    /** An element of what {@code bdev_get_bdevs} gives. */
    static Map<String, Object> bdev(CoreBdev bdev) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", bdev.name());
        json.put("aliases", aliases(bdev));
        json.put("product_name", bdev.productName());
        json.put("block_size", (long) bdev.blockSize());
        json.put("num_blocks", bdev.blocks());
        for (String preferred : List.of(
            "preferred_write_alignment", "preferred_write_granularity", "optimal_write_size",
            "preferred_unmap_alignment",
            "preferred_unmap_granularity")) {
            json.put(preferred, 0L);
        }
        json.put("uuid", bdev.uuid().toString());
        if (bdev.metadata().bytes() > 0) {
            metadata(json, bdev.metadata());
        }
        json.put("assigned_rate_limits", RateMethods.json(bdev.rates()));
        json.put("claimed", bdev.claimedBy() != null);
        if (bdev.claimedBy() != null) {
            json.put("claim_type", bdev.claimType().name().toLowerCase(Locale.ROOT));
        }
        json.put("zoned", false);
        json.put("supported_io_types", ioTypes(bdev));
        json.put("driver_specific", bdev.driverSpecific());
        if (bdev.fence() != null) {
            json.put("fenced", bdev.fence());
        }
        // SPDK has no such member, so it is not there while there is nothing to say.
        if (bdev.fence() != null || bdev.state() != State.ONLINE) {
            json.put("state", state(bdev));
        }
        return json;
    }

    private static String state(CoreBdev bdev) {
        return bdev.fence() != null ? "fenced" : bdev.state().name().toLowerCase(Locale.ROOT);
    }

    private static void metadata(Map<String, Object> json, Metadata metadata) {
        json.put("md_size", (long) metadata.bytes());
        json.put("md_interleave", metadata.interleaved());
        json.put("dif_type", (long) metadata.protection());
        if (metadata.protection() != 0) {
            json.put("dif_is_head_of_md", metadata.atStart());
            Map<String, Object> checks = new LinkedHashMap<>();
            checks.put("reftag", (metadata.checks() & Metadata.REFERENCE_TAG) != 0);
            checks.put("apptag", (metadata.checks() & Metadata.APPLICATION_TAG) != 0);
            checks.put("guard", (metadata.checks() & Metadata.GUARD) != 0);
            json.put("enabled_dif_check_types", checks);
            json.put("dif_pi_format", (long) metadata.layout().ordinal());
        }
    }

    /** SPDK counts the UUID among the aliases unless it is the name. */
    private static List<String> aliases(CoreBdev bdev) {
        String uuid = bdev.uuid().toString();
        List<String> aliases = new ArrayList<>(bdev.aliases());
        if (!bdev.name().equals(uuid) && !aliases.contains(uuid)) {
            aliases.add(uuid);
        }
        return aliases;
    }

    /** SPDK's types in its order; those that we do not have are false, ours that it does not have are left out. */
    private static Map<String, Object> ioTypes(CoreBdev bdev) {
        Map<String, Object> json = new LinkedHashMap<>();
        for (String type : List.of(
            "read", "write", "unmap", "flush", "reset", "nvme_admin", "nvme_io", "nvme_io_md", "write_zeroes", "zcopy",
            "get_zone_info", "zone_management", "zone_append", "compare", "compare_and_write", "abort", "seek_hole",
            "seek_data", "copy", "nvme_iov_md", "nvme_nssr", "write_uncorrectable")) {
            json.put(type, false);
        }
        for (IoType type : IoType.values()) {
            json.replace(type.name().toLowerCase(Locale.ROOT), bdev.capabilities().shows(type));
        }
        return json;
    }

    /** The figures of {@code bdev_get_iostat}, put behind what is there. */
    static Map<String, Object> iostat(Map<String, Object> json, Counters counters, int blockSize) {
        bytesAndOps(json, "read", "read", counters, IoType.READ, blockSize);
        bytesAndOps(json, "written", "write", counters, IoType.WRITE, blockSize);
        bytesAndOps(json, "unmapped", "unmap", counters, IoType.UNMAP, blockSize);
        bytesAndOps(json, "copied", "copy", counters, IoType.COPY, blockSize);
        latency(json, "read", counters, IoType.READ);
        latency(json, "write", counters, IoType.WRITE);
        latency(json, "unmap", counters, IoType.UNMAP);
        latency(json, "copy", counters, IoType.COPY);
        json.put("io_error", failures(counters));
        return json;
    }

    /** Those that occurred. */
    private static Map<String, Object> failures(Counters counters) {
        Map<String, Object> json = new LinkedHashMap<>();
        for (Outcome outcome : Outcome.values()) {
            if (counters.failures(outcome) != 0) {
                json.put(outcome.name().toLowerCase(Locale.ROOT), counters.failures(outcome));
            }
        }
        return json;
    }

    /** How much I/O is under way, put behind what is there, if that is sampled; times are in us. */
    static Map<String, Object> depth(Map<String, Object> json, QueueDepth.Sample sample) {
        if (sample.periodMicros() > 0) {
            json.put("queue_depth_polling_period", sample.periodMicros());
            json.put("queue_depth", sample.depth());
            json.put("io_time", sample.busyNanos() / 1000);
            json.put("weighted_io_time", sample.weightedNanos() / 1000);
        }
        return json;
    }

    private static void bytesAndOps(
        Map<String, Object> json, String done, String op, Counters counters, IoType type, int blockSize) {
        json.put("bytes_" + done, counters.blocks(type) * blockSize);
        json.put("num_" + op + "_ops", counters.ios(type));
    }

    private static void latency(Map<String, Object> json, String op, Counters counters, IoType type) {
        json.put(op + "_latency_ticks", counters.nanos(type));
        json.put("max_" + op + "_latency_ticks", counters.longestNanos(type));
        json.put("min_" + op + "_latency_ticks", counters.shortestNanos(type));
    }

    /** What a person wants to know of a device. */
    static Map<String, Object> details(CoreBdev bdev, Occupancy occupancy) {
        CreationRecord record = bdev.record();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", bdev.name());
        json.put("state", state(bdev));
        json.put("module", bdev.moduleName());
        json.put("uuid", bdev.uuid().toString());
        json.put("aliases", bdev.aliases());
        json.put("product_name", bdev.productName());
        json.put("block_size", (long) bdev.blockSize());
        json.put("physical_block_size", (long) bdev.physicalBlockSize());
        json.put("num_blocks", bdev.blocks());
        json.put("read_only", bdev.readOnly());
        json.put("volatile_cache", bdev.hasVolatileCache());
        json.put("claimed_by", bdev.claimedBy());
        json.put("descriptors", (long) bdev.openDescriptors());
        json.put("in_flight", occupancy.inFlight());
        json.put("waiting", occupancy.waiting());
        json.put("quarantined", occupancy.quarantined());
        json.put("module_failures", bdev.moduleFailures());
        json.put("fenced", bdev.fence());
        json.put("created_by", record.method());
        json.put("parameters", record.parameters());
        return json;
    }
}
