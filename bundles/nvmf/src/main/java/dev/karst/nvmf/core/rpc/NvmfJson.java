package dev.karst.nvmf.core.rpc;

import dev.karst.nvmf.ListenAddress;
import dev.karst.nvmf.TransportOptions;
import dev.karst.nvmf.core.Discovery;
import dev.karst.nvmf.core.Transports;
import dev.karst.nvmf.core.model.AnaStates;
import dev.karst.nvmf.core.model.Controller;
import dev.karst.nvmf.core.model.Features;
import dev.karst.nvmf.core.model.Listener;
import dev.karst.nvmf.core.model.Namespace;
import dev.karst.nvmf.core.model.ReactorGroup;
import dev.karst.nvmf.core.model.Subsystem;
import dev.karst.nvmf.core.model.TargetQueue;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The target's objects as plain values, in SPDK's words. */
final class NvmfJson {
    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private NvmfJson() {}

    static Map<String, Object> transport(String type, TransportOptions options) {
        var map = new LinkedHashMap<String, Object>();
        map.put("trtype", type);
        map.put("max_queue_depth", (long) options.maxQueueDepth());
        map.put("max_io_qpairs_per_ctrlr", (long) options.maxIoQueues());
        map.put("in_capsule_data_size", (long) options.inCapsuleBytes());
        map.put("max_io_size", (long) options.maxIoBytes());
        map.put("io_unit_size", (long) options.maxIoBytes());
        map.put("max_aq_depth", (long) options.maxAdminQueueDepth());
        map.put("dif_insert_or_strip", options.difInsertOrStrip());
        map.put("zcopy", false);
        map.put("c2h_success", options.c2hSuccess());
        map.put("sock_priority", 0L);
        map.put("disable_command_passthru", true);
        map.put("kas", Features.KAS_MS / 100L);
        map.put("min_kato", (long) Features.KAS_MS);
        return map;
    }

    static Map<String, Object> address(ListenAddress address) {
        var map = new LinkedHashMap<String, Object>();
        map.put("trtype", address.trtype());
        map.put("adrfam", address.adrfam());
        map.put("traddr", address.traddr());
        map.put("trsvcid", address.trsvcid());
        return map;
    }

    private static Map<String, Object> peer(ListenAddress listener, String peer) {
        int colon = peer.lastIndexOf(':');
        String host = colon < 0 ? peer : peer.substring(0, colon).replaceAll("[\\[\\]]", "");
        return address(new ListenAddress(listener.trtype(), listener.adrfam(), host, peer.substring(colon + 1)));
    }

    static Map<String, Object> subsystem(Subsystem subsystem) {
        var map = new LinkedHashMap<String, Object>();
        map.put("nqn", subsystem.nqn);
        map.put("subtype", subsystem.discovery ? "Discovery" : "NVMe");
        map.put("listen_addresses", subsystem.listeners().stream().map(listener -> address(listener.address)).toList());
        map.put("allow_any_host", subsystem.anyHost());
        map.put("hosts", subsystem.hosts().stream().map(host -> Map.of("nqn", host)).toList());
        if (!subsystem.discovery) {
            map.put("serial_number", subsystem.serial);
            map.put("model_number", subsystem.model);
            map.put("max_namespaces", (long) subsystem.maxNamespaces);
            map.put("passthrough", false);
            if (subsystem.spec.hidden()) {
                map.put("karst_hidden", true);
            }
            if (subsystem.isPaused()) {
                map.put("karst_paused", true);
            }
            map.put("min_cntlid", (long) subsystem.spec.minCntlid());
            map.put("max_cntlid", (long) subsystem.spec.maxCntlid());
            map.put("namespaces", present(subsystem).stream().map(NvmfJson::namespace).toList());
        }
        return map;
    }

    static List<Namespace> present(Subsystem subsystem) {
        var present = new ArrayList<Namespace>();
        for (Namespace namespace : subsystem.namespaces()) {
            if (namespace != null) {
                present.add(namespace);
            }
        }
        return present;
    }

    static Map<String, Object> namespace(Namespace namespace) {
        var map = new LinkedHashMap<String, Object>();
        map.put("nsid", (long) namespace.nsid);
        map.put("bdev_name", namespace.bdev().name());
        map.put("name", namespace.bdev().name());
        map.put("nguid", HEX.formatHex(namespace.nguid()));
        if (namespace.hasEui64()) {
            map.put("eui64", HEX.formatHex(namespace.eui64()));
        }
        map.put("uuid", namespace.uuid().toString());
        map.put("anagrpid", (long) namespace.anaGroup());
        if (namespace.spec.hidden()) {
            map.put("no_auto_visible", true);
            map.put("hosts", List.copyOf(namespace.shownTo()));
        }
        return map;
    }

    static Map<String, Object> listener(Subsystem subsystem, Listener listener) {
        var map = new LinkedHashMap<String, Object>();
        map.put("address", address(listener.address));
        if (!listener.advertised.equals(listener.address)) {
            map.put("karst_advertise", address(listener.advertised));
        }
        AnaStates states = listener.ana();
        map.put("ana_states", IntStream.rangeClosed(1, subsystem.anaGroups())
            .mapToObj(group -> anaState(group, states)).toList());
        return map;
    }

    private static Map<String, Object> anaState(int group, AnaStates states) {
        var map = new LinkedHashMap<String, Object>();
        map.put("ana_group", (long) group);
        map.put("ana_state", states.of(group).word);
        return map;
    }

    static Map<String, Object> referral(Discovery.Referral referral) {
        var map = new LinkedHashMap<String, Object>();
        map.put("address", address(referral.address()));
        map.put("secure_channel", referral.secure());
        map.put("subnqn", referral.subNqn());
        return map;
    }

    static Map<String, Object> controller(Controller controller) {
        var map = new LinkedHashMap<String, Object>();
        map.put("cntlid", (long) controller.cntlid);
        map.put("cntrltype", controller.subsystem.discovery ? "discovery" : "io");
        map.put("hostnqn", controller.hostNqn);
        map.put("hostid", controller.hostId.toString());
        map.put("num_io_qpairs", (long) controller.ioQueueCount());
        return map;
    }

    static Map<String, Object> queue(Controller controller, TargetQueue queue) {
        var map = new LinkedHashMap<String, Object>();
        map.put("cntlid", (long) controller.cntlid);
        map.put("qid", (long) queue.qid());
        map.put("state", "enabled");
        map.put("thread", groupName(queue.group));
        map.put("hostnqn", controller.hostNqn);
        map.put("listen_address", address(queue.connection.listener()));
        map.put("peer_address", peer(queue.connection.listener(), queue.connection.peer()));
        return map;
    }

    /** What the queues of a reactor have done. Reactor-confined. */
    static Map<String, Object> group(ReactorGroup group, List<Transports.Slot> transports) {
        var map = new LinkedHashMap<String, Object>();
        long admin = group.queues().stream().filter(queue -> queue.qid() == 0).count();
        map.put("name", groupName(group));
        map.put("admin_qpairs", group.adminQueues);
        map.put("io_qpairs", group.ioQueues);
        map.put("current_admin_qpairs", admin);
        map.put("current_io_qpairs", group.queues().size() - admin);
        map.put("pending_bdev_io", group.waiting());
        map.put("completed_nvme_io", group.finishedIo);
        map.put("transports", transports.stream().map(slot -> statistics(group, slot)).toList());
        return map;
    }

    private static Map<String, Object> statistics(ReactorGroup group, Transports.Slot slot) {
        var map = new LinkedHashMap<String, Object>();
        map.put("trtype", slot.type);
        map.putAll(slot.statistics(group.reactor));
        return map;
    }

    private static String groupName(ReactorGroup group) {
        return String.format("nvmf_tgt_poll_group_%03d", group.reactor.id());
    }
}
