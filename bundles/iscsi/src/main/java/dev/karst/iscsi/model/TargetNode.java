package dev.karst.iscsi.model;

import dev.karst.base.Histogram;
import dev.karst.scsi.ScsiDevice;
import dev.karst.scsi.TargetPort;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A target node: a SCSI device and who may use it, where. What changes is immutable and replaced; any thread reads it. */
public final class TargetNode {
    /** Most commands at once that a node may allow. */
    public static final int MAX_QUEUE_DEPTH = 256;
    /** Most maps of a node. */
    public static final int MAX_MAPS = 256;

    private static final Histogram.Buckets BUCKETS = Histogram.Buckets.of(7, 1000, 120_000_000_000L);

    /** Initiators of a group may come by the portals of a group. */
    public record Access(int portalGroup, int initiatorGroup) {}

    /**
     * What never changes.
     *
     * @param headerDigest whether sessions must have header digests
     * @param dataDigest whether sessions must have data digests
     */
    public record Spec(String name, String alias, int queueDepth, boolean headerDigest, boolean dataDigest) {}

    public final Spec spec;
    public final ScsiDevice device;
    private volatile AuthPolicy auth;
    /** By the reactor's number; empty while nobody asks for them. */
    private volatile List<Histogram> latencies = List.of();
    private volatile List<Access> maps = List.of();
    private volatile Map<Integer, Portal> redirects = Map.of();

    public TargetNode(Spec spec, ScsiDevice device, AuthPolicy auth) {
        this.spec = spec;
        this.device = device;
        this.auth = auth;
    }

    public String name() {
        return spec.name;
    }

    /** Who has to say who they are. */
    public AuthPolicy auth() {
        return auth;
    }

    /** Sessions that begin from now on go by it. */
    public void auth(AuthPolicy policy) {
        auth = policy;
    }

    public List<Access> maps() {
        return maps;
    }

    public void maps(List<Access> others) {
        maps = List.copyOf(others);
    }

    /** Where initiators that come by a portal group are sent instead, by the group's tag. */
    public Map<Integer, Portal> redirects() {
        return redirects;
    }

    public void redirects(Map<Integer, Portal> others) {
        redirects = Map.copyOf(others);
    }

    /** Counts how long commands take from now on, or does not any more. */
    public void measure(int reactors) {
        latencies = Stream.generate(() -> new Histogram(BUCKETS)).limit(reactors).toList();
    }

    /** How long commands took on a reactor, which alone counts there; null while nobody asked for it. */
    public Histogram latencies(int reactor) {
        List<Histogram> all = latencies;
        return all.isEmpty() ? null : all.get(reactor);
    }

    /** How long commands took; null while nobody asked for it. A slightly old figure. */
    public Histogram latencies() {
        List<Histogram> all = latencies;
        Histogram sum = new Histogram(BUCKETS);
        all.forEach(sum::add);
        return all.isEmpty() ? null : sum;
    }

    /** The target port that stands for a portal group. */
    public TargetPort port(int portalGroup) {
        return new TargetPort(portalGroup, "%s,t,0x%04x".formatted(spec.name, portalGroup), TargetPort.ISCSI);
    }
}
