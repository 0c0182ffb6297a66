package dev.karst.bdev.core.rpc;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.core.BlockLayer;
import dev.karst.bdev.core.CoreBdev;
import dev.karst.bdev.core.limit.Rates;
import dev.karst.rpc.ConfigSource.Call;
import dev.karst.rpc.Effect;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Kind;
import dev.karst.rpc.RpcParameter.Type;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.List;
import java.util.Optional;

/** Rate limits of block devices, as SPDK has them. */
final class RateMethods {
    private static final String IOS = "rw_ios_per_sec";
    private static final String BYTES = "rw_mbytes_per_sec";
    private static final String READ = "r_mbytes_per_sec";
    private static final String WRITTEN = "w_mbytes_per_sec";

    private final BlockLayer layer;

    RateMethods(BlockLayer layer) {
        this.layer = layer;
    }

    List<RpcMethod> methods() {
        return List.of(RpcMethod.named("bdev_set_qos_limit", "bdev", "set-qos-limit",
            "Limits what a block device may do in a second; 0 lifts a limit, and what is left out stays as it is")
            .takes(
                RpcParameter.required("name", Type.STRING, "Name, alias or UUID of the block device").of(Kind.BDEV),
                rate(IOS, "Reads and writes a second; rounded up to a multiple of 1000"),
                rate(BYTES, "MiB read and written a second"), rate(READ, "MiB read a second"),
                rate(WRITTEN, "MiB written a second"))
            .saved()
            .with(Effect.set("bdev_set_qos_limit", json(Rates.NONE), "name"))
            .does(this::limit));
    }

    private static RpcParameter rate(String name, String doc) {
        return RpcParameter.optional(name, Type.U64, doc).initially("as it is");
    }

    private Object limit(RpcCall call) throws StorageException {
        CoreBdev bdev = layer.findPresent(call.string("name")).orElseThrow(BdevMethods::noSuchDevice);
        if (!call.has(IOS) && !call.has(BYTES) && !call.has(READ) && !call.has(WRITTEN)) {
            throw StorageException.errno(Errno.EINVAL, "No rate limits specified; give at least one of " + IOS + ", "
                + BYTES + ", " + READ + " and " + WRITTEN);
        }
        Rates now = bdev.rates();
        layer.lanes().limit(bdev, new Rates(
            call.number(IOS, now.ios()), call.number(BYTES, now.mebibytes()), call.number(READ, now.readMebibytes()),
            call.number(WRITTEN, now.writtenMebibytes())));
        return true;
    }

    /** As {@code bdev_get_bdevs} shows them. */
    static Map<String, Object> json(Rates rates) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put(IOS, rates.ios());
        json.put(BYTES, rates.mebibytes());
        json.put(READ, rates.readMebibytes());
        json.put(WRITTEN, rates.writtenMebibytes());
        return json;
    }

    /** The call that limits again after a restart; nothing when there is no limit. */
    static Optional<Call> call(CoreBdev bdev) {
        if (bdev.rates().isNone()) {
            return Optional.empty();
        }
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("name", bdev.name());
        json(bdev.rates()).forEach((name, rate) -> {
            if (!rate.equals(0L)) {
                parameters.put(name, rate);
            }
        });
        return Optional.of(new Call("bdev_set_qos_limit", parameters));
    }
}
