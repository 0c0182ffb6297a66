package dev.karst.shell;

import dev.karst.base.StorageException;
import dev.karst.rpc.RpcRegistry;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Supplier;

/** {@code reactor:top}: how busy the reactors are. */
final class TopCommand extends LiveCommand<SequencedMap<Object, Map<?, ?>>> {
    private static final String ID = "id";
    private static final double NANOS_PER_SECOND = 1e9;
    private static final double PERCENT = 100;

    TopCommand(RpcRegistry registry, Supplier<PrintStream> output, Pause pause) {
        super(registry, live("reactor", "top", "Shows how busy the reactors are")
            .shows("ID", ID).shows("CPU", "processor").shows("POLICY", "idle_policy").shows("BUSY %", "busy_percent")
            .shows("ROUNDS/s", "rounds_per_second").shows("SLEEPS/s", "sleeps_per_second")
            .shows("MSGS/s", "messages_per_second").shows("POLLERS", "pollers").shows("TIMERS", "timers")
            .shows("MOST us", "longest_round_us").shows("FAILED", "failures")
            .does(NOT_CALLED), output, pause);
    }

    @Override
    SequencedMap<Object, Map<?, ?>> look(Map<String, Object> given) throws StorageException {
        SequencedMap<Object, Map<?, ?>> reactors = new LinkedHashMap<>();
        objects(registry().call("reactor_get_reactors", Map.of())).forEach(reactor -> reactors.put(reactor.get(ID), reactor));
        return reactors;
    }

    @Override
    List<Map<String, Object>> rows(SequencedMap<Object, Map<?, ?>> before, SequencedMap<Object, Map<?, ?>> after) {
        List<Map<String, Object>> rows = new ArrayList<>();
        after.forEach((id, reactor) -> rows.add(row(before.get(id), reactor)));
        return rows;
    }

    private static Map<String, Object> row(Map<?, ?> before, Map<?, ?> after) {
        double nanos = Math.max(1, grown(before, after, "elapsed_ns"));
        SequencedMap<String, Object> row = new LinkedHashMap<>();
        row.put(ID, after.get(ID));
        row.put("processor", after.get("processor"));
        row.put("idle_policy", after.get("idle_policy"));
        row.put("busy_percent", Math.min(PERCENT, PERCENT * grown(before, after, "busy_ns") / nanos));
        for (String count : List.of("rounds", "sleeps", "messages")) {
            row.put(count + "_per_second", Math.round(grown(before, after, count) / nanos * NANOS_PER_SECOND));
        }
        for (String figure : List.of("pollers", "timers", "longest_round_us", "failures")) {
            row.put(figure, figure(after, figure));
        }
        return row;
    }
}
