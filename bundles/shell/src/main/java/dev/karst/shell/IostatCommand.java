package dev.karst.shell;

import dev.karst.base.StorageException;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Kind;
import dev.karst.rpc.RpcParameter.Type;
import dev.karst.rpc.RpcRegistry;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Supplier;

/** {@code bdev:iostat}: what block devices do in a second. */
final class IostatCommand extends LiveCommand<IostatCommand.Look> {
    private static final String NAME = "name";
    private static final double MEBIBYTE = 1 << 20;
    private static final double MICROS_PER_SECOND = 1e6;
    private static final List<String> TIMED = List.of("read", "write", "unmap", "copy");

    /**
     * What {@code bdev_get_iostat} says.
     *
     * @param ticks when
     * @param rate ticks in a second
     * @param bdevs its figures, by device
     */
    record Look(long ticks, long rate, SequencedMap<String, Map<?, ?>> bdevs) {}

    IostatCommand(RpcRegistry registry, Supplier<PrintStream> output, Pause pause) {
        super(registry, live("bdev", "iostat", "Shows what block devices do in a second",
            RpcParameter.optional(NAME, Type.STRING, "Name, alias or UUID of a block device; all when left out").of(Kind.BDEV))
            .shows("NAME", NAME)
            .shows("READS/s", "reads_per_second").shows("MiB/s", "read_mib_per_second").shows("us", "read_us")
            .shows("WRITES/s", "writes_per_second").shows("MiB/s", "written_mib_per_second").shows("us", "write_us")
            .shows("UNMAPS/s", "unmaps_per_second").shows("DEPTH", "depth").shows("ERRORS", "errors")
            .does(NOT_CALLED), output, pause);
    }

    @Override
    Look look(Map<String, Object> given) throws StorageException {
        Map<String, Object> parameters = given.containsKey(NAME) ? Map.of(NAME, given.get(NAME)) : Map.of();
        Map<?, ?> answer = (Map<?, ?>) registry().call("bdev_get_iostat", parameters);
        SequencedMap<String, Map<?, ?>> bdevs = new LinkedHashMap<>();
        objects(answer.get("bdevs")).forEach(bdev -> bdevs.put(String.valueOf(bdev.get(NAME)), bdev));
        return new Look(figure(answer, "ticks"), figure(answer, "tick_rate"), bdevs);
    }

    @Override
    List<Map<String, Object>> rows(Look before, Look after) {
        double seconds = Math.max(1, after.ticks() - before.ticks()) / (double) Math.max(1, after.rate());
        List<Map<String, Object>> rows = new ArrayList<>();
        after.bdevs().forEach((name, bdev) -> rows.add(new Interval(before.bdevs().get(name), bdev, seconds, after.rate()).row(name)));
        return rows;
    }

    /** What one device did. */
    private record Interval(Map<?, ?> before, Map<?, ?> after, double seconds, long rate) {
        Map<String, Object> row(String name) {
            SequencedMap<String, Object> row = new LinkedHashMap<>();
            row.put(NAME, name);
            row.put("reads_per_second", perSecond("num_read_ops"));
            row.put("read_mib_per_second", grown(before, after, "bytes_read") / MEBIBYTE / seconds);
            row.put("read_us", micros("read"));
            row.put("writes_per_second", perSecond("num_write_ops"));
            row.put("written_mib_per_second", grown(before, after, "bytes_written") / MEBIBYTE / seconds);
            row.put("write_us", micros("write"));
            row.put("unmaps_per_second", perSecond("num_unmap_ops"));
            row.put("depth", depth());
            row.put("errors", errors());
            return row;
        }

        private long perSecond(String name) {
            return Math.round(grown(before, after, name) / seconds);
        }

        /** The mean time of one. */
        private long micros(String type) {
            long ops = Math.max(1, grown(before, after, "num_" + type + "_ops"));
            return Math.round(grown(before, after, type + "_latency_ticks") * MICROS_PER_SECOND / rate / ops);
        }

        /** By Little's law: the time that all spent in it, of the time that passed. */
        private double depth() {
            long spent = TIMED.stream().mapToLong(type -> grown(before, after, type + "_latency_ticks")).sum();
            return spent / (double) rate / seconds;
        }

        /** Since the counts began. */
        private long errors() {
            return after.get("io_error") instanceof Map<?, ?> errors
                ? errors.values().stream().mapToLong(count -> count instanceof Long number ? number : 0).sum() : 0;
        }
    }
}
