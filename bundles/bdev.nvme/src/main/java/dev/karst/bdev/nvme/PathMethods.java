package dev.karst.bdev.nvme;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.IoType;
import dev.karst.bdev.module.CreationRecord;
import dev.karst.bdev.nvme.control.ControllerGroup;
import dev.karst.bdev.nvme.control.NamespaceDescription;
import dev.karst.bdev.nvme.io.IoPath;
import dev.karst.bdev.nvme.io.Multipath.Policy;
import dev.karst.bdev.nvme.io.Multipath.Selector;
import dev.karst.bdev.nvme.io.NamespaceBdev;
import dev.karst.bdev.nvme.io.NamespaceChannel;
import dev.karst.bdev.nvme.io.NamespacePath;
import dev.karst.bdev.nvme.io.PathCounters;
import dev.karst.nvme.NvmeController;
import dev.karst.nvme.NvmeQueuePair;
import dev.karst.nvme.TransportId;
import dev.karst.reactor.Reactor;
import dev.karst.rpc.Effect;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Kind;
import dev.karst.rpc.RpcParameter.Type;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

/** The paths of devices: what there are, which are used, and what went over them. */
final class PathMethods {
    static final String POLICY = "bdev_nvme_set_multipath_policy";
    private static final RpcParameter BDEV = RpcParameter.required("name", Type.STRING, "Name of the block device").of(Kind.BDEV);
    private static final RpcParameter POLICY_NAME = RpcParameter.optional("policy", Type.STRING,
        "Whether the first path that can carries all I/O, or all paths do").oneOf("active_passive", "active_active");
    private static final RpcParameter SELECTOR = RpcParameter.optional("selector", Type.STRING, "Which path is next when all are used")
        .oneOf("round_robin", "queue_depth").initially("round_robin");

    private final NvmeModule module;

    PathMethods(NvmeModule module) {
        this.module = module;
    }

    List<RpcMethod> methods() {
        return List.of(paths(), prefer(), setPolicy(), counters(), transports());
    }

    /** The parameter by which attaching and the options say how paths are used. */
    static RpcParameter multipathOptions() {
        return RpcParameter.optional("multipath_opts", Type.OBJECT, "How the paths of a device are used")
            .holding(POLICY_NAME, SELECTOR, RpcParameter.optional("min_io", Type.U32, "I/Os before the next path is taken"));
    }

    /** What such an object says; where it says nothing it is as {@code otherwise}. */
    static Policy policy(RpcCall options, Policy otherwise) {
        boolean active = options.string("policy", otherwise.active() ? "active_active" : "active_passive").equalsIgnoreCase("active_active");
        return new Policy(
            active, selector(options, otherwise.selector()),
            Math.clamp(options.number("min_io", otherwise.minIo()), 1, Integer.MAX_VALUE));
    }

    private static Selector selector(RpcCall call, Selector otherwise) {
        return call.has("selector")
            ? call.string("selector").equalsIgnoreCase("queue_depth") ? Selector.QUEUE_DEPTH : Selector.ROUND_ROBIN : otherwise;
    }

    private RpcMethod setPolicy() {
        return RpcMethod.named(POLICY, "bdev", "nvme-policy", "Sets how the paths of a device are used")
            .takes(BDEV, RpcParameter.required("policy", Type.STRING, POLICY_NAME.doc()).oneOf("active_passive", "active_active"),
                SELECTOR, RpcParameter.optional("rr_min_io", Type.U32, "I/Os before the next path is taken").initially("1"))
            .saved()
            .with(Effect.set(POLICY, Map.of("policy", "active_passive"), "name"))
            .does(call -> {
                Policy policy = policy(call);
                String name = call.string("name");
                module.controllers().paths().policy(name, policy);
                module.host().drop(POLICY + " " + name);
                module.host().keep(new CreationRecord(POLICY, Map.copyOf(call.repeatable()), POLICY + " " + name, new UUID(0, 0)));
                return true;
            });
    }

    /**
     * What the call of that method says.
     *
     * @throws StorageException EINVAL as SPDK has it
     */
    static Policy policy(RpcCall call) throws StorageException {
        boolean active = call.string("policy").equalsIgnoreCase("active_active");
        Selector selector = selector(call, Selector.ROUND_ROBIN);
        boolean counted = call.has("rr_min_io");
        if (counted && (selector != Selector.ROUND_ROBIN || !active || call.number("rr_min_io") == 0)) {
            throw StorageException.failure(
                Errno.EINVAL, POLICY + ": rr_min_io goes with active_active and round_robin, and is 1 at least");
        }
        return new Policy(active, selector, (int) Math.min(call.number("rr_min_io", 1), Integer.MAX_VALUE));
    }

    private RpcMethod prefer() {
        return RpcMethod.named("bdev_nvme_set_preferred_path", "bdev", "nvme-prefer", "Has a device take one path before the others")
            .takes(BDEV, RpcParameter.required("cntlid", Type.U16, "Number of the controller that the path goes through"))
            .does(call -> {
                module.controllers().paths().prefer(call.string("name"), call.number("cntlid"));
                return true;
            });
    }

    private RpcMethod paths() {
        return RpcMethod.named("bdev_nvme_get_io_paths", "bdev", "nvme-paths", "Shows the paths of devices, for each reactor")
            .takes(RpcParameter.optional("name", Type.STRING, "Name of a block device; all when left out").of(Kind.BDEV))
            .readOnly()
            .does(this::paths);
    }

    private Object paths(RpcCall call) throws StorageException {
        List<NamespaceBdev> bdevs = bdevs(call.string("name", ""));
        List<Object> groups = new ArrayList<>();
        for (Reactor reactor : module.host().reactors().all()) {
            List<Object> paths = module.host().reactors().call(reactor, on -> paths(bdevs, on));
            if (!paths.isEmpty()) {
                Map<String, Object> json = new LinkedHashMap<>();
                json.put("thread", "reactor_" + reactor.id());
                json.put("io_paths", paths);
                groups.add(json);
            }
        }
        return Map.of("poll_groups", groups);
    }

    private List<NamespaceBdev> bdevs(String name) throws StorageException {
        return module.controllers().look(groups -> groups.stream().map(ControllerGroup::bdevs)
            .flatMap(bdevs -> bdevs.values().stream())
            .filter(bdev -> name.isEmpty() || bdev.geometry().name().equals(name)).toList());
    }

    private static List<Object> paths(List<NamespaceBdev> bdevs, Reactor reactor) {
        List<Object> paths = new ArrayList<>();
        for (NamespaceBdev bdev : bdevs) {
            NamespaceChannel channel = bdev.channel(reactor);
            if (channel != null) {
                channel.paths().forEach(path -> paths.add(json(bdev, path, channel.current() == path)));
            }
        }
        return paths;
    }

    private static Map<String, Object> json(NamespaceBdev bdev, IoPath path, boolean current) {
        NvmeController controller = path.path().controller().controller();
        TransportId id = path.path().id();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("bdev_name", bdev.geometry().name());
        json.put("cntlid", controller == null ? 0L : controller.data().controllerId());
        json.put("current", current);
        json.put("connected", path.isConnected());
        json.put("accessible", path.isAccessible());
        Map<String, Object> transport = new LinkedHashMap<>();
        Map<String, Object> trid = NamespaceDescription.trid(id);
        for (String key : List.of("trtype", "traddr", "trsvcid", "adrfam")) {
            if (trid.containsKey(key)) {
                transport.put(key, trid.get(key));
            }
        }
        json.put("transport", transport);
        return json;
    }

    private RpcMethod transports() {
        return RpcMethod.named("bdev_nvme_get_transport_statistics", "bdev", "nvme-transports",
                "Shows for each reactor what went over each transport, and what is in flight")
            .readOnly()
            .does(_ -> {
                List<NamespaceBdev> bdevs = bdevs("");
                List<Object> groups = new ArrayList<>();
                for (Reactor reactor : module.host().reactors().all()) {
                    List<Object> transports = module.host().reactors().call(reactor, on -> transports(bdevs, on));
                    if (!transports.isEmpty()) {
                        Map<String, Object> json = new LinkedHashMap<>();
                        json.put("thread", "reactor_" + reactor.id());
                        json.put("transports", transports);
                        groups.add(json);
                    }
                }
                return Map.of("poll_groups", groups);
            });
    }

    private static List<Object> transports(List<NamespaceBdev> bdevs, Reactor reactor) {
        Map<String, long[]> byType = new TreeMap<>();
        Set<NvmeQueuePair> queues = new HashSet<>();
        for (NamespaceBdev bdev : bdevs) {
            NamespaceChannel channel = bdev.channel(reactor);
            for (IoPath path : channel == null ? List.<IoPath>of() : channel.paths()) {
                long[] sums = byType.computeIfAbsent(path.path().id().type(), _ -> new long[2]);
                NvmeQueuePair queue = path.path().controller().queue(reactor);
                sums[0] += path.counters().ios();
                sums[1] += queue != null && queues.add(queue) ? queue.inFlight() : 0;
            }
        }
        List<Object> transports = new ArrayList<>();
        byType.forEach((type, sums) -> {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("trname", type);
            json.put("completions", sums[0]);
            json.put("queued_requests", sums[1]);
            transports.add(json);
        });
        return transports;
    }

    private RpcMethod counters() {
        return RpcMethod.named("bdev_nvme_get_path_iostat", "bdev", "nvme-path-iostat", "Shows what went over each path of a device")
            .takes(BDEV).readOnly()
            .does(call -> {
                NamespaceBdev bdev = bdevs(call.string("name")).stream().findFirst()
                    .orElseThrow(() -> StorageException.errno(Errno.ENODEV, Errno.text(Errno.ENODEV)));
                Map<NamespacePath, PathCounters> sums = new LinkedHashMap<>();
                module.host().reactors().forEach(reactor -> add(sums, bdev, reactor));
                List<Object> paths = new ArrayList<>();
                sums.forEach((path, sum) -> paths.add(json(path, sum, bdev.geometry().blockSize())));
                Map<String, Object> json = new LinkedHashMap<>();
                json.put("name", bdev.geometry().name());
                json.put("stats", paths);
                return json;
            });
    }

    private static void add(Map<NamespacePath, PathCounters> sums, NamespaceBdev bdev, Reactor reactor) {
        NamespaceChannel channel = bdev.channel(reactor);
        if (channel != null) {
            channel.paths().forEach(path -> sums.computeIfAbsent(path.path(), _ -> new PathCounters()).add(path.counters()));
        }
    }

    private static Map<String, Object> json(NamespacePath path, PathCounters counters, int blockSize) {
        Map<String, Object> stat = new LinkedHashMap<>();
        amounts(stat, "read", "read", counters, IoType.READ, blockSize);
        amounts(stat, "written", "write", counters, IoType.WRITE, blockSize);
        amounts(stat, "unmapped", "unmap", counters, IoType.UNMAP, blockSize);
        amounts(stat, "copied", "copy", counters, IoType.COPY, blockSize);
        for (IoType type : List.of(IoType.READ, IoType.WRITE, IoType.UNMAP, IoType.COPY)) {
            String name = type.name().toLowerCase(java.util.Locale.ROOT);
            stat.put(name + "_latency_ticks", counters.nanos(type));
            stat.put("max_" + name + "_latency_ticks", counters.longestNanos(type));
            stat.put("min_" + name + "_latency_ticks", counters.shortestNanos(type));
        }
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("trid", NamespaceDescription.trid(path.id()));
        json.put("stat", stat);
        return json;
    }

    private static void amounts(
        Map<String, Object> json, String done, String op, PathCounters counters, IoType type, int blockSize) {
        json.put("bytes_" + done, counters.blocks(type) * blockSize);
        json.put("num_" + op + "_ops", counters.ios(type));
    }
}
