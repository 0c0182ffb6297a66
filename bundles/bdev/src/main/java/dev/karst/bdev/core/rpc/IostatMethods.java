package dev.karst.bdev.core.rpc;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.BdevStatistics;
import dev.karst.bdev.core.BlockLayer;
import dev.karst.bdev.core.CoreBdev;
import dev.karst.bdev.core.Lanes;
import dev.karst.bdev.core.measure.Counters;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Kind;
import dev.karst.rpc.RpcParameter.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What block devices have done: SPDK's counts and samples, and a table for a person. */
final class IostatMethods {
    private static final RpcParameter NAME =
        RpcParameter.optional("name", Type.STRING, "Name, alias or UUID of a block device; all when left out")
            .of(Kind.BDEV);
    private static final RpcParameter NAMES =
        RpcParameter.optional("names", Type.LIST, "Names, aliases or UUIDs of several block devices");
    private static final RpcParameter PER_CHANNEL =
        RpcParameter.optional("per_channel", Type.BOOLEAN, "Figures of each reactor apart; needs one name")
            .initially("false");

    /** A reactor that looks more often does little else. */
    private static final long LEAST_MICROS = 10;
    private static final long MOST_MICROS = 1_000_000_000;

    private final BlockLayer layer;
    private final Lanes lanes;

    IostatMethods(BlockLayer layer) {
        this.layer = layer;
        this.lanes = layer.lanes();
    }

    List<RpcMethod> methods() {
        return List.of(getIostat(), iostat(), resetIostat(), sample());
    }

    private RpcMethod getIostat() {
        return RpcMethod.named("bdev_get_iostat", "bdev", "get-iostat",
            "Gives the I/O counts of block devices in SPDK's form")
            .takes(NAME, NAMES, PER_CHANNEL, RpcParameter.optional("reset_mode", Type.STRING, "What to reset afterwards")
                .oneOf("all", "maxmin", "error", "none").initially("none"))
            .readOnly()
            .does(this::getIostat);
    }

    private Object getIostat(RpcCall call) throws StorageException {
        boolean perChannel = call.flag("per_channel", false);
        List<CoreBdev> bdevs = chosen(call);
        if (perChannel && (bdevs.size() != 1 || !call.has("name") && !call.has("names"))) {
            throw StorageException.failure(Errno.EINVAL, "bdev_get_iostat: per_channel needs one name");
        }
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("tick_rate", BdevJson.TICKS_PER_SECOND);
        json.put("ticks", layer.environment().clock().nanos());
        if (perChannel) {
            json.put("name", bdevs.getFirst().name());
            json.put("channels", channels(bdevs.getFirst()));
        } else {
            json.put("bdevs", whole(bdevs));
        }
        reset(bdevs, call.string("reset_mode", "none"));
        return json;
    }

    private List<Map<String, Object>> whole(List<CoreBdev> bdevs) throws StorageException {
        List<Map<String, Object>> list = new ArrayList<>();
        for (CoreBdev bdev : bdevs) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("name", bdev.name());
            BdevJson.iostat(json, bdev.counters(), bdev.blockSize());
            list.add(BdevJson.depth(json, lanes.depth(bdev)));
        }
        return list;
    }

    /** Those reactors that have a channel open now. */
    private List<Map<String, Object>> channels(CoreBdev bdev) throws StorageException {
        return lanes.channels(bdev).stream().map(channel -> {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("thread_id", channel.reactor() + 1L);
            return BdevJson.iostat(json, channel.counters(), bdev.blockSize());
        }).toList();
    }

    private CoreBdev named(String name) throws StorageException {
        return layer.findPresent(name).orElseThrow(BdevMethods::noSuchDevice);
    }

    private List<CoreBdev> chosen(RpcCall call) throws StorageException {
        if (!call.has("name") && !call.has("names")) {
            return layer.present();
        }
        List<CoreBdev> chosen = new ArrayList<>();
        for (String name : call.has("names") ? call.strings("names") : List.of(call.string("name"))) {
            chosen.add(named(name));
        }
        return chosen;
    }

    private RpcMethod iostat() {
        return RpcMethod.named("karst_bdev_iostat", "bdev", "counters", "Shows the I/O counts of block devices")
            .takes(NAME)
            .shows("NAME", "name")
            .shows("STATE", "state")
            .shows("READS", "reads")
            .shows("READ MiB", "read_mib")
            .shows("READ us", "read_us")
            .shows("WRITES", "writes")
            .shows("WRITTEN MiB", "written_mib")
            .shows("WRITE us", "write_us")
            .shows("FLUSHES", "flushes")
            .shows("ERRORS", "errors")
            .readOnly()
            .does(call -> chosen(call).stream().map(IostatMethods::row).toList());
    }

    private static Map<String, Object> row(CoreBdev bdev) {
        BdevStatistics s = bdev.statistics();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", bdev.name());
        json.put("state", bdev.state().name().toLowerCase(Locale.ROOT));
        json.put("reads", s.reads());
        json.put("read_mib", s.readBytes() >> 20);
        json.put("read_us", s.readNanos() / 1000 / Math.max(1, s.reads()));
        json.put("writes", s.writes());
        json.put("written_mib", s.writtenBytes() >> 20);
        json.put("write_us", s.writeNanos() / 1000 / Math.max(1, s.writes()));
        json.put("flushes", s.flushes());
        json.put("errors", s.errors());
        json.put("waited_for_resources", s.waitedForResources());
        return json;
    }

    private RpcMethod resetIostat() {
        return RpcMethod.named("bdev_reset_iostat", "bdev", "reset-iostat",
            "Sets the I/O counts of block devices to zero")
            .takes(NAME, RpcParameter.optional("mode", Type.STRING, "What to reset").oneOf("all", "maxmin", "error", "none").initially("all"))
            .does(this::resetIostat);
    }

    private Object resetIostat(RpcCall call) throws StorageException {
        reset(chosen(call), call.string("mode", "all"));
        return true;
    }

    private void reset(List<CoreBdev> bdevs, String mode) throws StorageException {
        if (mode.equalsIgnoreCase("none")) {
            return;
        }
        for (CoreBdev bdev : bdevs) {
            lanes.onCounters(bdev, counters -> reset(counters, mode));
            if (mode.equalsIgnoreCase("all")) {
                lanes.resetDepth(bdev);
            }
        }
    }

    private static void reset(Counters counters, String mode) {
        if (mode.equalsIgnoreCase("all")) {
            counters.reset();
        } else if (mode.equalsIgnoreCase("maxmin")) {
            counters.resetExtremes();
        } else {
            counters.resetFailures();
        }
    }

    private RpcMethod sample() {
        return RpcMethod.named("bdev_set_qd_sampling_period", "bdev", "set-qd-sampling-period",
            "Looks from time to time how much I/O of a block device is under way; bdev_get_iostat shows it")
            .takes(
                RpcParameter.required("name", Type.STRING, "Name, alias or UUID of the block device").of(Kind.BDEV),
                RpcParameter.required("period", Type.U64, "How often, in us, from 10 to 1000000000; 0 for never"))
            .does(this::sample);
    }

    private Object sample(RpcCall call) throws StorageException {
        CoreBdev bdev = named(call.string("name"));
        long period = call.number("period");
        if (period != 0 && (period < LEAST_MICROS || period > MOST_MICROS)) {
            throw StorageException.failure(
                Errno.EINVAL, "period is " + period + ", which is neither 0 nor from " + LEAST_MICROS + " to "
                + MOST_MICROS);
        }
        lanes.sampleDepth(bdev, period);
        return true;
    }
}
