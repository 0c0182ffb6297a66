package dev.karst.bdev.nvme;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.module.BdevHost;
import dev.karst.bdev.module.CreationRecord;
import dev.karst.bdev.nvme.control.Attachment;
import dev.karst.bdev.nvme.control.Controllers;
import dev.karst.bdev.nvme.control.NamespaceDescription;
import dev.karst.nvme.NvmeDriver;
import dev.karst.nvme.TransportId;
import dev.karst.rpc.Effect;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Type;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * Discovery controllers that are asked when they tell of a change, and from time to time: what they know is attached, what they do not know
 * any more is detached.
 */
final class Discoveries {
    static final String METHOD = "bdev_nvme_start_discovery";
    private static final System.Logger LOG = System.getLogger(Discoveries.class.getName());
    private static final String DISCOVERY_NQN = "nqn.2014-08.org.nvmexpress.discovery";
    private static final long PERIOD_MS = 5_000;
    private static final List<String> HANDED_ON = List.of(
        "hostnqn", "ctrlr_loss_timeout_sec", "reconnect_delay_sec", "fast_io_fail_timeout_sec");

    private final BdevHost host;
    private final Controllers controllers;
    private final Map<String, Discovery> running = new LinkedHashMap<>();

    Discoveries(BdevHost host, Controllers controllers) {
        this.host = host;
        this.controllers = controllers;
    }

    /** One of them. */
    private final class Discovery {
        private final RpcCall call;
        private final String name;
        private final TransportId id;
        private volatile Repetition repetition;
        private volatile NvmeDriver.Following following;
        private volatile boolean stopped;

        Discovery(RpcCall call) {
            this.call = new RpcCall(AttachCall.normal(call.parameters()), _ -> {}, () -> false);
            name = call.string("name");
            id = AttachCall.id(this.call).at("");
        }

        /** Asks once. */
        synchronized void refresh() throws StorageException {
            List<TransportId> found = controllers.discover(id, attachment(name, id).options()).stream()
                .filter(each -> !each.subsystem().equals(DISCOVERY_NQN)).toList();
            Map<TransportId, String> known = controllers.found(name);
            for (TransportId each : found) {
                if (!known.containsKey(each)) {
                    attach(each, known);
                }
            }
            Set<TransportId> gone = new HashSet<>(known.keySet());
            found.forEach(gone::remove);
            for (TransportId each : gone) {
                controllers.detach(known.get(each), each::equals);
            }
        }

        /** A subsystem that is there already gets one more path. */
        private void attach(TransportId to, Map<TransportId, String> known) throws StorageException {
            String taken = known.entrySet().stream().filter(each -> each.getKey().subsystem().equals(to.subsystem()))
                .map(Map.Entry::getValue).findFirst().orElse(null);
            int number = 0;
            while (taken == null && known.containsValue(name + number)) {
                number++;
            }
            String free = taken == null ? name + number : taken;
            controllers.attach(attachment(free, to).byItself());
            known.put(to, free);
        }

        private Attachment attachment(String as, TransportId to) throws StorageException {
            Map<String, Object> parameters = new LinkedHashMap<>();
            parameters.put("name", as);
            parameters.putAll(NamespaceDescription.trid(to));
            for (String each : HANDED_ON) {
                if (call.has(each)) {
                    parameters.put(each, call.parameters().get(each));
                }
            }
            return AttachCall.attachment(new RpcCall(parameters, _ -> {}, () -> false), controllers.settings());
        }

        /** Has it tell of changes, unless it does. */
        private void follow() throws StorageException {
            NvmeDriver.Following before = following;
            if (before == null || !before.isOpen()) {
                leave();
                following = controllers.follow(id, attachment(name, id).options(), this::changed);
            }
            if (stopped) {
                leave();
            }
        }

        private void changed() {
            Repetition asking = repetition;
            if (asking != null) {
                asking.now();
            }
        }

        private void leave() {
            NvmeDriver.Following before = following;
            following = null;
            if (before != null) {
                before.close();
            }
        }

        /** Asks no more. */
        void stop() {
            stopped = true;
            repetition.stop();
            leave();
        }

        private void refreshOrSay() {
            try {
                follow();
                refresh();
            } catch (StorageException e) {
                LOG.log(Level.WARNING, "{0} is asked again later: {1}", id, e.getMessage());
            }
        }
    }

    /**
     * Follows a discovery controller from now on.
     *
     * @throws StorageException EEXIST when the name is taken; where the call waits, what stood in the way of attaching
     */
    synchronized void start(RpcCall call) throws StorageException {
        var discovery = new Discovery(call);
        boolean same = running.values().stream().anyMatch(each -> each.id.equals(discovery.id));
        if (same || running.containsKey(discovery.name)) {
            throw StorageException.failure(
                Errno.EEXIST, METHOD + " " + discovery.name + ": this name or this controller is followed already");
        }
        if (call.flag("wait_for_attach", false)) {
            discovery.refresh();
        }
        running.put(discovery.name, discovery);
        discovery.repetition = new Repetition(host, PERIOD_MS, discovery::refreshOrSay);
        host.keepFirst(new CreationRecord(METHOD, Map.copyOf(call.repeatable()), METHOD + " " + discovery.name, new UUID(0, 0)));
    }

    private synchronized Object end(RpcCall call) throws StorageException {
        Discovery discovery = running.remove(call.string("name"));
        if (discovery == null) {
            throw StorageException.errno(Errno.ENOENT, Errno.text(Errno.ENOENT));
        }
        discovery.stop();
        host.drop(METHOD + " " + discovery.name);
        for (Map.Entry<TransportId, String> each : controllers.found(discovery.name).entrySet()) {
            controllers.detach(each.getValue(), each.getKey()::equals);
        }
        return true;
    }

    private synchronized Object list() {
        List<Object> all = new ArrayList<>();
        for (Discovery each : running.values()) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("name", each.name);
            json.put("trid", NamespaceDescription.trid(each.id.at(DISCOVERY_NQN)));
            json.put("referrals", List.of());
            all.add(json);
        }
        return all;
    }

    /** The module goes. */
    synchronized void stop() {
        running.values().forEach(Discovery::stop);
        running.clear();
    }

    static List<RpcMethod> methods(NvmeModule module) {
        RpcParameter name = RpcParameter.required("name", Type.STRING, "Name; controllers have it with a number behind");
        return List.of(
            RpcMethod.named(METHOD, "bdev", "nvme-discovery-start",
                    "Follows a discovery controller: subsystems that it knows are attached, and detached when it forgets them")
                .takes(name,
                    RpcParameter.required("trtype", Type.STRING, "Transport"),
                    RpcParameter.required("traddr", Type.STRING, "Address"),
                    RpcParameter.optional("adrfam", Type.STRING, "Address family"),
                    RpcParameter.optional("trsvcid", Type.STRING, "Port"),
                    RpcParameter.optional("hostnqn", Type.STRING, "NQN of this host"),
                    RpcParameter.optional("wait_for_attach", Type.BOOLEAN, "Whether to answer when all is attached").passing(),
                    RpcParameter.optional("attach_timeout_ms", Type.U64, "For clients of SPDK; without effect").passing(),
                    RpcParameter.optional("ctrlr_loss_timeout_sec", Type.I32, "As for attaching"),
                    RpcParameter.optional("reconnect_delay_sec", Type.U32, "As for attaching"),
                    RpcParameter.optional("fast_io_fail_timeout_sec", Type.U32, "As for attaching"))
                .saved().with(Effect.made("bdev_nvme_stop_discovery", "name").normalizedBy(AttachCall::normal))
                .does(call -> {
                    AttachCall.normal(call.parameters()).forEach(call::settle);
                    call.settle("wait_for_attach", null);
                    call.settle("attach_timeout_ms", null);
                    module.discoveries().start(call);
                    return true;
                }),
            RpcMethod.named("bdev_nvme_stop_discovery", "bdev", "nvme-discovery-stop",
                    "Stops following a discovery controller, and detaches what it brought")
                .takes(RpcParameter.required("name", Type.STRING, "Name that it is followed under")).saved()
                .does(call -> module.discoveries().end(call)),
            RpcMethod.named("bdev_nvme_get_discovery_info", "bdev", "nvme-discovery-list", "Lists discovery controllers that are followed")
                .shows("NAME", "name").shows("ADDRESS", "trid.traddr").shows("PORT", "trid.trsvcid").readOnly()
                .does(_ -> module.discoveries().list()));
    }
}
