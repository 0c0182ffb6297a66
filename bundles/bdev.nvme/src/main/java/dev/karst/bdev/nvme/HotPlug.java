package dev.karst.bdev.nvme;

import dev.karst.base.StorageException;
import dev.karst.bdev.module.BdevHost;
import dev.karst.bdev.module.CreationRecord;
import dev.karst.bdev.nvme.control.Controllers;
import dev.karst.bdev.nvme.control.NamespaceDescription;
import dev.karst.nvme.TransportId;
import dev.karst.rpc.Effect;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Type;
import java.lang.System.Logger.Level;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** Attaches controllers that are plugged in. */
final class HotPlug {
    static final String METHOD = "bdev_nvme_set_hotplug";
    private static final System.Logger LOG = System.getLogger(HotPlug.class.getName());
    private static final String STEM = "HotInNvme";
    private static final int US_PER_MS = 1_000;
    private static final long SHORTEST_US = 100_000;
    private static final long LONGEST_US = 10_000_000;

    private final BdevHost host;
    private final Controllers controllers;
    private Repetition repetition;
    /** Of what is there, what was there at the beginning or is attached. */
    private Set<TransportId> known;
    /** Of what is there, what could not be attached so far. */
    private final Set<TransportId> refused = new HashSet<>();
    /** What the last look found. */
    private Set<TransportId> seen = Set.of();
    private int number;

    HotPlug(BdevHost host, Controllers controllers) {
        this.host = host;
        this.controllers = controllers;
    }

    /** Looks for new controllers from now on, or not any more. */
    synchronized void set(RpcCall call) throws StorageException {
        stop();
        if (call.flag("enable", false)) {
            known = null;
            long period = Math.clamp(call.number("period_us", SHORTEST_US), SHORTEST_US, LONGEST_US);
            repetition = new Repetition(host, period / US_PER_MS, this::look);
        }
        host.keepFirst(new CreationRecord(METHOD, Map.copyOf(call.repeatable()), METHOD, new UUID(0, 0)));
    }

    synchronized void stop() {
        if (repetition != null) {
            repetition.stop();
            repetition = null;
        }
    }

    /** What one look finds is attached at the next: the kernel shows a device a moment before a driver of its own takes it. */
    private synchronized void look() {
        Set<TransportId> there = Set.copyOf(controllers.probe());
        if (known == null) {
            known = new HashSet<>(there);
        }
        known.retainAll(there);
        refused.retainAll(there);
        there.stream().filter(id -> seen.contains(id) && !known.contains(id)).forEach(this::attach);
        seen = there;
    }

    private void attach(TransportId id) {
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("name", STEM + number);
        parameters.putAll(NamespaceDescription.trid(id));
        try {
            controllers.attach(AttachCall.attachment(new RpcCall(parameters, _ -> {}, () -> false), controllers.settings()).byItself());
            known.add(id);
            number++;
        } catch (StorageException e) {
            if (refused.add(id)) {
                LOG.log(Level.WARNING, "{0} was plugged in and is not attached yet: {1}", id, e.getMessage());
            }
        }
    }

    static List<RpcMethod> methods(NvmeModule module) {
        return List.of(RpcMethod.named(METHOD, "bdev", "nvme-hotplug", "Attaches NVMe controllers that are plugged in, or does not any more")
            .takes(RpcParameter.required("enable", Type.BOOLEAN, "Whether it does"),
                RpcParameter.optional("period_us", Type.U64, "How often it is looked for them, 100 ms to 10 s").initially("100000"))
            .saved().with(Effect.set(METHOD, Map.of("enable", false)))
            .does(call -> {
                module.hotPlug().set(call);
                return true;
            }));
    }
}
