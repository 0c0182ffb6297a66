package dev.karst.bdev.core.rpc;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.BdevStatistics;
import dev.karst.bdev.core.BlockLayer;
import dev.karst.bdev.core.CoreBdev;
import dev.karst.bdev.core.Failures;
import dev.karst.bdev.core.Lanes;
import dev.karst.bdev.core.measure.Counters;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Kind;
import dev.karst.rpc.RpcParameter.Type;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The management of block devices whatever their kind: SPDK's methods, and two of our own for the shell. */
final class BdevMethods {
    private static final RpcParameter NAME =
        RpcParameter.optional("name", Type.STRING, "Name, alias or UUID of a block device; all when left out")
            .of(Kind.BDEV);
    private static final RpcParameter PER_CHANNEL =
        RpcParameter.optional("per_channel", Type.BOOLEAN, "Figures of each reactor apart; needs a name")
            .initially("false");

    private final BlockLayer layer;
    private final Lanes lanes;

    BdevMethods(BlockLayer layer) {
        this.layer = layer;
        this.lanes = layer.lanes();
    }

    List<RpcMethod> methods() {
        return List.of(getBdevs(), show(), getIostat(), iostat(), resetIostat(), waitForExamine(), examine(),
            setOptions());
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
            .readOnly()
            .does(this::getBdevs);
    }

    private Object getBdevs(RpcCall call) throws StorageException {
        if (!call.has("name")) {
            return layer.present().stream().map(BdevJson::bdev).toList();
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
        return RpcMethod.named("karst_bdev_show", "bdev", "show", "Shows what is known of a block device")
            .takes(RpcParameter.required("name", Type.STRING, "Name, alias or UUID of the block device").of(Kind.BDEV))
            .readOnly()
            .does(this::show);
    }

    private Object show(RpcCall call) throws StorageException {
        CoreBdev bdev = (CoreBdev) layer.find(call.string("name")).orElseThrow(BdevMethods::noSuchDevice);
        return BdevJson.details(bdev, lanes.occupancy(bdev));
    }

    private RpcMethod getIostat() {
        return RpcMethod.named("bdev_get_iostat", "bdev", "get-iostat",
            "Gives the I/O counts of block devices in SPDK's form")
            .takes(NAME, PER_CHANNEL)
            .readOnly()
            .does(this::getIostat);
    }

    private Object getIostat(RpcCall call) throws StorageException {
        boolean perChannel = call.flag("per_channel", false);
        if (perChannel && !call.has("name")) {
            throw Failures.of(Errno.EINVAL, "bdev_get_iostat: per_channel needs a name");
        }
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("tick_rate", BdevJson.TICKS_PER_SECOND);
        json.put("ticks", layer.environment().clock().nanos());
        if (perChannel) {
            CoreBdev bdev = named(call);
            json.put("name", bdev.name());
            json.put("channels", channels(bdev));
        } else {
            json.put("bdevs", chosen(call).stream().map(BdevMethods::whole).toList());
        }
        return json;
    }

    private static Map<String, Object> whole(CoreBdev bdev) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", bdev.name());
        return BdevJson.iostat(json, bdev.counters(), bdev.blockSize());
    }

    /** Those reactors that have a channel open now. */
    private List<Map<String, Object>> channels(CoreBdev bdev) throws StorageException {
        return lanes.channels(bdev).stream().map(channel -> {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("thread_id", channel.reactor() + 1L);
            return BdevJson.iostat(json, channel.counters(), bdev.blockSize());
        }).toList();
    }

    private CoreBdev named(RpcCall call) throws StorageException {
        return layer.findPresent(call.string("name")).orElseThrow(BdevMethods::noSuchDevice);
    }

    private List<CoreBdev> chosen(RpcCall call) throws StorageException {
        return call.has("name") ? List.of(named(call)) : layer.present();
    }

    private RpcMethod iostat() {
        return RpcMethod.named("karst_bdev_iostat", "bdev", "iostat", "Shows the I/O counts of block devices")
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
            .does(call -> chosen(call).stream().map(BdevMethods::row).toList());
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
            .takes(NAME, RpcParameter.optional("mode", Type.STRING, "What to reset").oneOf("all", "maxmin", "none")
                .initially("all"))
            .does(this::resetIostat);
    }

    private Object resetIostat(RpcCall call) throws StorageException {
        String mode = call.string("mode", "all");
        for (CoreBdev bdev : chosen(call)) {
            lanes.onCounters(bdev, counters -> reset(counters, mode));
        }
        return true;
    }

    private static void reset(Counters counters, String mode) {
        if (mode.equalsIgnoreCase("all")) {
            counters.reset();
        } else if (mode.equalsIgnoreCase("maxmin")) {
            counters.resetExtremes();
        }
    }

    private static RpcMethod waitForExamine() {
        String doc = "Returns when new block devices were examined, so at once";
        return RpcMethod.named("bdev_wait_for_examine", "bdev", "wait-for-examine", doc)
            .does(_ -> true);
    }

    /** Examination is never left to the client, so asking for it is as wrong as it is there with auto-examine on. */
    private static RpcMethod examine() {
        return RpcMethod.named("bdev_examine", "bdev", "examine", "Refused: block devices are examined when they come")
            .takes(RpcParameter.required("name", Type.STRING, "Name of the block device").of(Kind.BDEV))
            .does(_ -> {
                throw StorageException.errno(Errno.EINVAL, Errno.text(Errno.EINVAL));
            });
    }

    /** Saved files begin with it. Nothing in it stands for anything here: I/Os are pooled by their submitters. */
    private static RpcMethod setOptions() {
        return RpcMethod.named("bdev_set_options", "bdev", "set-options",
            "Accepted from saved files of SPDK, without effect")
            .relaxed()
            .does(_ -> true);
    }
}
