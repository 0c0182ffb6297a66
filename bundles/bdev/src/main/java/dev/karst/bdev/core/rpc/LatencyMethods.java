package dev.karst.bdev.core.rpc;

import dev.karst.base.Errno;
import dev.karst.base.Histogram;
import dev.karst.base.StorageException;
import dev.karst.bdev.IoType;
import dev.karst.bdev.core.BlockLayer;
import dev.karst.bdev.core.CoreBdev;
import dev.karst.bdev.core.Lanes.Measured;
import dev.karst.bdev.core.measure.Latencies;
import dev.karst.bdev.core.measure.Latencies.Direction;
import dev.karst.rpc.ConfigSource.Call;
import dev.karst.rpc.Effect;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcError;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Kind;
import dev.karst.rpc.RpcParameter.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Latency histograms: SPDK's methods, and one of our own that a person can read. */
final class LatencyMethods {
    private static final RpcParameter NAME =
        RpcParameter.required("name", Type.STRING, "Name, alias or UUID of the block device").of(Kind.BDEV);
    private static final int GRANULARITY = 7;
    private static final int MOST_GRANULARITY = 12;
    private static final int MOST_BORDERS = 256;
    private static final long NANOS_PER_MICRO = 1000;
    private static final long MIN_NANOS = 1000;
    private static final long MAX_NANOS = 120_000_000_000L;

    private final BlockLayer layer;

    LatencyMethods(BlockLayer layer) {
        this.layer = layer;
    }

    List<RpcMethod> methods() {
        return List.of(enable(), get(), getBorders(), latency());
    }

    private RpcMethod enable() {
        return RpcMethod.named("bdev_enable_histogram", "bdev", "enable-histogram",
            "Begins or ends measuring the latencies of a block device")
            .takes(
                NAME, RpcParameter.required("enable", Type.BOOLEAN, "Whether to measure"),
                RpcParameter.optional("opc", Type.STRING, "The only type of I/O to measure, such as read")
                    .initially("all"),
                RpcParameter.optional("granularity", Type.U16, "Binary logarithm of the buckets of one range, at most 12")
                    .initially("7"),
                RpcParameter.optional("min_nsec", Type.U64, "The least latency that is told apart, in ns")
                    .initially("1000"),
                RpcParameter.optional("max_nsec", Type.U64, "What all latencies that are told apart lie below, in ns")
                    .initially("120000000000"))
            .saved()
            .with(Effect.set("bdev_enable_histogram", Map.of("enable", false), "name"))
            .does(this::enable);
    }

    private Object enable(RpcCall call) throws StorageException {
        CoreBdev bdev = named(call);
        layer.lanes().measureLatencies(bdev, call.flag("enable", true) ? settings(call) : null);
        return true;
    }

    private static Latencies.Settings settings(RpcCall call) throws StorageException {
        long granularity = call.number("granularity", GRANULARITY);
        long min = call.number("min_nsec", MIN_NANOS);
        long max = call.number("max_nsec", MAX_NANOS);
        if (granularity < 1 || granularity > MOST_GRANULARITY) {
            throw StorageException.failure(Errno.EINVAL, "granularity is " + granularity + ", not from 1 to " + MOST_GRANULARITY);
        }
        if (min >= max) {
            throw StorageException.failure(Errno.EINVAL, "min_nsec is " + min + ", which is not below max_nsec, " + max);
        }
        return new Latencies.Settings(type(call.string("opc", "all")), (int) granularity, min, max);
    }

    private static IoType type(String name) throws StorageException {
        if (name.equals("all")) {
            return null;
        }
        return Arrays.stream(IoType.values()).filter(type -> word(type).equals(name)).findFirst()
            .orElseThrow(() -> new StorageException(RpcError.INTERNAL_ERROR, "Invalid Io type: " + name));
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private CoreBdev named(RpcCall call) throws StorageException {
        return layer.findPresent(call.string("name")).orElseThrow(BdevMethods::noSuchDevice);
    }

    /** The call that measures again after a restart; nothing when it is not measured. */
    static Optional<Call> call(CoreBdev bdev) {
        return Optional.ofNullable(bdev.latencies()).map(settings -> {
            Map<String, Object> parameters = new LinkedHashMap<>();
            parameters.put("name", bdev.name());
            parameters.put("enable", true);
            if (settings.only() != null) {
                parameters.put("opc", word(settings.only()));
            }
            putUnless(parameters, "granularity", settings.granularity(), GRANULARITY);
            putUnless(parameters, "min_nsec", settings.minNanos(), MIN_NANOS);
            putUnless(parameters, "max_nsec", settings.maxNanos(), MAX_NANOS);
            return new Call("bdev_enable_histogram", parameters);
        });
    }

    private static void putUnless(Map<String, Object> parameters, String name, long value, long initial) {
        if (value != initial) {
            parameters.put(name, value);
        }
    }

    private RpcMethod get() {
        return RpcMethod.named("bdev_get_histogram", "bdev", "get-histogram",
            "Gives the latencies of a block device in SPDK's form")
            .takes(NAME)
            .readOnly()
            .does(this::get);
    }

    private RpcMethod getBorders() {
        return RpcMethod.named("bdev_get_histogram_borders", "bdev", "get-histogram-borders",
            "Counts the I/Os of a block device that took no longer than each of some latencies, and then all")
            .takes(NAME, RpcParameter.required("borders", Type.NUMBERS, "The latencies, ascending, in us; at most 256"))
            .readOnly()
            .does(this::getBorders);
    }

    private Object getBorders(RpcCall call) throws StorageException {
        List<Long> borders = call.numbers("borders");
        if (borders.isEmpty() || borders.size() > MOST_BORDERS || !borders.equals(borders.stream().sorted().toList())) {
            throw RpcError.invalidParameters(
                "Invalid parameters: borders is " + borders + ", which is not 1 to " + MOST_BORDERS + " ascending numbers");
        }
        Histogram all = all(named(call));
        List<Long> counts = new ArrayList<>();
        borders.forEach(micros -> counts.add(all.upTo(Math.min(micros, MAX_NANOS) * NANOS_PER_MICRO)));
        counts.add(all.total());
        return Map.of("borders_count", counts);
    }

    private Histogram all(CoreBdev bdev) throws StorageException {
        Latencies sum = sum(measured(bdev));
        Histogram all = new Histogram(bucketsOf(sum));
        for (Direction direction : Direction.values()) {
            all.add(sum.of(direction));
        }
        return all;
    }

    private Object get(RpcCall call) throws StorageException {
        return all(named(call)).plain();
    }

    private static Histogram.Buckets bucketsOf(Latencies latencies) {
        return latencies.of(Direction.READ).buckets();
    }

    /** SPDK gives these words and this code for a device that is not measured. */
    private List<Measured> measured(CoreBdev bdev) throws StorageException {
        List<Measured> measured = layer.lanes().latencies(bdev);
        if (measured.isEmpty()) {
            throw new StorageException(RpcError.INTERNAL_ERROR, "Bad address: the latencies of " + bdev.name()
                + " are not measured; bdev_enable_histogram begins it");
        }
        return measured;
    }

    private static Latencies sum(List<Measured> measured) {
        Latencies sum = measured.getFirst().latencies();
        measured.subList(1, measured.size()).forEach(other -> sum.add(other.latencies()));
        return sum;
    }

    private RpcMethod latency() {
        return RpcMethod.named("karst_bdev_latency", "bdev", "latency",
            "Shows the latencies of a block device, measured since bdev_enable_histogram")
            .takes(NAME, RpcParameter.optional("per_channel", Type.BOOLEAN, "Each reactor apart").initially("false"))
            .shows("REACTOR", "reactor")
            .shows("TYPE", "type")
            .shows("I/OS", "ios")
            .shows("P50 us", "p50_us")
            .shows("P90 us", "p90_us")
            .shows("P99 us", "p99_us")
            .shows("P99.9 us", "p999_us")
            .shows("MOST us", "most_us")
            .readOnly()
            .does(this::latency);
    }

    private Object latency(RpcCall call) throws StorageException {
        List<Measured> measured = measured(named(call));
        List<Map<String, Object>> rows = new ArrayList<>();
        if (call.flag("per_channel", false)) {
            measured.forEach(one -> rows(rows, Integer.toString(one.reactor()), one.latencies()));
        } else {
            rows(rows, "all", sum(measured));
        }
        return rows;
    }

    private static void rows(List<Map<String, Object>> rows, String reactor, Latencies latencies) {
        for (Direction direction : Direction.values()) {
            Histogram histogram = latencies.of(direction);
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("reactor", reactor);
            row.put("type", word(direction));
            row.put("ios", histogram.total());
            row.put("p50_us", micros(histogram, 500_000));
            row.put("p90_us", micros(histogram, 900_000));
            row.put("p99_us", micros(histogram, 990_000));
            row.put("p999_us", micros(histogram, 999_000));
            row.put("most_us", micros(histogram, 1_000_000));
            rows.add(row);
        }
    }

    private static long micros(Histogram histogram, int perMillion) {
        return (histogram.percentileNanos(perMillion) + 999) / 1000;
    }
}
