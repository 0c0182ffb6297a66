package dev.karst.swap;

import dev.karst.bdev.module.ModuleHandOver.Moved;
import dev.karst.bdev.module.ModuleHandOver.Outcome;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** One replacement of a module as it goes: filled in by the thread that does it, read by any. */
final class Swap {
    /** How it came about. */
    enum Kind {
        /** Asked for; the new version stood beside the old. */
        PLANNED,
        /** The bundle was updated, by a person or from the deploy folder. */
        UPDATE,
        /** The bundle was stopped and started. */
        RESTART
    }

    private final long wallMs;
    private final String module;
    private final String bundle;
    private final String from;
    private Kind kind = Kind.RESTART;
    private String to;
    private List<String> bdevs = List.of();
    /** Nanoseconds by the names of the phases. */
    private final Map<String, Long> phases = new LinkedHashMap<>();
    private long longestPauseNanos;
    private Outcome outcome;
    private String reason;

    /** It begins; {@code to} is the version it had when nobody knows better. */
    Swap(long wallMs, String module, String bundle, String from) {
        this.wallMs = wallMs;
        this.module = module;
        this.bundle = bundle;
        this.from = from;
        this.to = from;
    }

    String module() {
        return module;
    }

    synchronized void kind(Kind how) {
        kind = how;
    }

    synchronized void to(String version) {
        to = version;
    }

    /** A phase took so long, or so much longer. */
    synchronized void took(String phase, long nanos) {
        phases.merge(phase, nanos, Long::sum);
    }

    /** These devices moved. */
    synchronized void moved(Moved moved) {
        bdevs = moved.bdevs();
        took("drained", moved.drainNanos());
        took("attached", moved.attachNanos());
        longestPauseNanos = Math.max(longestPauseNanos, moved.longestPauseNanos());
    }

    /** These devices were away for so long. */
    synchronized void wereAway(List<String> names, long nanos) {
        bdevs = names;
        longestPauseNanos = nanos;
    }

    synchronized void ended(Outcome how, String why) {
        outcome = how;
        reason = why;
    }

    synchronized Outcome outcome() {
        return outcome;
    }

    /** One line for the log. */
    @Override
    public synchronized String toString() {
        return "swap: module " + module + " (" + bundle + " " + from + " to " + to + ", " + word(kind) + "): "
            + (outcome == null ? "running" : word(outcome)) + ", " + bdevs.size() + " block devices, longest pause "
            + TimeUnit.NANOSECONDS.toMicros(longestPauseNanos) + " us" + (reason == null ? "" : ": " + reason);
    }

    /** For clients; times are in us. */
    synchronized Map<String, Object> json(long id) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", id);
        json.put("time_ms", wallMs);
        json.put("kind", word(kind));
        json.put("module", module);
        json.put("bundle", bundle);
        json.put("from", from);
        json.put("to", to);
        json.put("outcome", outcome == null ? "running" : word(outcome));
        json.put("bdevs", bdevs);
        json.put("longest_pause_us", TimeUnit.NANOSECONDS.toMicros(longestPauseNanos));
        Map<String, Object> times = new LinkedHashMap<>();
        phases.forEach((phase, nanos) -> times.put(phase, TimeUnit.NANOSECONDS.toMicros(nanos)));
        json.put("phases_us", times);
        json.put("reason", reason);
        return json;
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
