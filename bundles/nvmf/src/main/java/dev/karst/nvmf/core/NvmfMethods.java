package dev.karst.nvmf.core;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.nvmf.ListenAddress;
import dev.karst.nvmf.TransportOptions;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcError;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Kind;
import dev.karst.rpc.RpcParameter.Type;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The management of the target: SPDK's methods. What SPDK offers and this target cannot do is refused when it is asked
 * for.
 */
final class NvmfMethods {
    private static final RpcParameter NQN =
        RpcParameter.required("nqn", Type.STRING, "Name of the subsystem").of(Kind.SUBSYSTEM);
    private static final RpcParameter TARGET =
        RpcParameter.optional("tgt_name", Type.STRING, "For clients of SPDK; there is one target");
    private static final RpcParameter HOST = RpcParameter.required("host", Type.STRING, "NQN of the host");
    private static final RpcParameter ADDRESS =
        RpcParameter.required("listen_address", Type.OBJECT, "Where hosts reach it").holding(
            RpcParameter.required("trtype", Type.STRING, "Transport: TCP"),
            RpcParameter.optional("adrfam", Type.STRING, "IPv4 or IPv6; found out when left out"),
            RpcParameter.required("traddr", Type.STRING, "Numeric address"),
            RpcParameter.optional("trsvcid", Type.STRING, "Port; 0 for one that is free").initially("4420"));
    private static final int SERIAL_CHARACTERS = 20;
    private static final int MODEL_CHARACTERS = 40;
    private static final long DEFAULT_NAMESPACES = 32;
    private static final long TICK_RATE = 1_000_000_000;

    private final NvmfTarget target;

    NvmfMethods(NvmfTarget target) {
        this.target = target;
    }

    List<RpcMethod> methods() {
        return List.of(
            createTransport(), getTransports(), createSubsystem(), deleteSubsystem(), getSubsystems(), addNamespace(),
            removeNamespace(), addListener(), removeListener(), getListeners(), addHost(), removeHost(), allowAnyHost(),
            getControllers(), getQueues(), getStats());
    }

    private static RpcParameter flag(String name, String doc) {
        return RpcParameter.optional(name, Type.BOOLEAN, doc).initially("false");
    }

    private static StorageException invalid(String what) {
        return RpcError.invalidParameters("Invalid parameters: " + what);
    }

    /** Things that must not be taken as done when they are not. */
    private static void refuse(RpcCall call, String... names) throws StorageException {
        for (String name : names) {
            Object value = call.parameters().get(name);
            if (value != null && !Boolean.FALSE.equals(value)) {
                throw invalid(name + " is not supported");
            }
        }
    }

    private Subsystem subsystem(RpcCall call) throws StorageException {
        Subsystem subsystem = target.subsystem(call.string("nqn"));
        if (subsystem == null) {
            throw invalid("there is no subsystem " + call.string("nqn")
                + "; nvmf:subsystem-list shows those there are");
        }
        return subsystem;
    }

    /** A subsystem that is not the discovery subsystem. */
    private Subsystem nvmSubsystem(RpcCall call) throws StorageException {
        Subsystem subsystem = subsystem(call);
        if (subsystem.discovery) {
            throw invalid("the discovery subsystem stays as it is");
        }
        return subsystem;
    }

    private RpcMethod createTransport() {
        return RpcMethod.named("nvmf_create_transport", "nvmf", "transport-create", "Makes a transport")
            .takes(
                RpcParameter.required("trtype", Type.STRING, "Transport: TCP"), TARGET,
                RpcParameter.optional("max_queue_depth", Type.U16, "Most entries of an I/O queue"),
                RpcParameter.optional("max_io_qpairs_per_ctrlr", Type.U16, "Most I/O queues of a controller"),
                RpcParameter.optional("in_capsule_data_size", Type.U32, "Most bytes of data inside a command capsule"),
                RpcParameter.optional("max_io_size", Type.U32, "Most bytes of one transfer"),
                RpcParameter.optional("max_aq_depth", Type.U32, "Most entries of an admin queue"),
                RpcParameter.optional("c2h_success", Type.BOOLEAN,
                    "Whether the data of a read may say that it succeeded"),
                RpcParameter.optional("karst_max_connections", Type.U32, "Most connections at once"))
            .relaxed()
            .does(this::createTransport);
    }

    private Object createTransport(RpcCall call) throws StorageException {
        refuse(call, "dif_insert_or_strip");
        TransportOptions initial = target.defaults(call.string("trtype"));
        target.createTransport(call.string("trtype"), new TransportOptions(
            number(call, "max_queue_depth", initial.maxQueueDepth()),
            number(call, "max_aq_depth", initial.maxAdminQueueDepth()),
            number(call, "max_io_qpairs_per_ctrlr", initial.maxIoQueues()),
            number(call, "in_capsule_data_size", initial.inCapsuleBytes()),
            number(call, "max_io_size", initial.maxIoBytes()),
            call.flag("c2h_success", initial.c2hSuccess()),
            number(call, "karst_max_connections", initial.maxConnections())));
        return true;
    }

    private static int number(RpcCall call, String name, int otherwise) {
        return (int) Math.min(call.number(name, otherwise), Integer.MAX_VALUE);
    }

    private RpcMethod getTransports() {
        return RpcMethod.named("nvmf_get_transports", "nvmf", "transport-list", "Lists transports")
            .takes(RpcParameter.optional("trtype", Type.STRING, "Only this one"), TARGET)
            .shows("TYPE", "trtype").shows("QUEUE DEPTH", "max_queue_depth")
            .shows("I/O QUEUES", "max_io_qpairs_per_ctrlr")
            .shows("MAX I/O", "max_io_size").shows("IN CAPSULE", "in_capsule_data_size")
            .readOnly()
            .does(call -> {
                var found = new ArrayList<Object>();
                for (Transports.Slot slot : target.transports()) {
                    if (!call.has("trtype") || slot.type.equalsIgnoreCase(call.string("trtype"))) {
                        found.add(NvmfJson.transport(slot.type, slot.options));
                    }
                }
                if (found.isEmpty() && call.has("trtype")) {
                    throw StorageException.errno(Errno.ENODEV, Errno.text(Errno.ENODEV));
                }
                return found;
            });
    }

    private RpcMethod createSubsystem() {
        return RpcMethod
            .named("nvmf_create_subsystem", "nvmf", "subsystem-create", "Makes a subsystem without namespaces")
            .takes(
                RpcParameter.required("nqn", Type.STRING, "Its name, such as nqn.2016-06.io.spdk:cnode1"), TARGET,
                RpcParameter.optional("serial_number", Type.STRING, "Serial number").initially("00000000000000000000"),
                RpcParameter.optional("model_number", Type.STRING, "Model number").initially("Karst"),
                RpcParameter.optional("max_namespaces", Type.U32, "Highest namespace identifier").initially("32"),
                flag("allow_any_host", "Whether every host may use it"),
                flag("ana_reporting", "For clients of SPDK; kept, without effect"),
                RpcParameter.optional("min_cntlid", Type.U16, "Lowest controller identifier").initially("1"),
                RpcParameter.optional("max_cntlid", Type.U16, "Highest controller identifier").initially("65519"),
                RpcParameter.optional("admin_label", Type.STRING, "For clients of SPDK; without effect"),
                RpcParameter.optional("dmrsl", Type.U32, "For clients of SPDK; without effect, there is no limit"),
                RpcParameter.optional("wzsl", Type.U32, "For clients of SPDK; without effect, there is no limit"),
                flag("passthrough", "Not supported"), flag("enable_nssr", "Not supported"))
            .does(this::createSubsystem);
    }

    private Object createSubsystem(RpcCall call) throws StorageException {
        refuse(call, "passthrough", "enable_nssr");
        var spec = new Subsystem.Spec(
            call.string("nqn"), text(call, "serial_number", "00000000000000000000", SERIAL_CHARACTERS),
            text(call, "model_number", "Karst", MODEL_CHARACTERS),
            (int) range(call, "max_namespaces", DEFAULT_NAMESPACES,
                1, NvmfTarget.MAX_NAMESPACES),
            (int) range(call, "min_cntlid", Subsystem.MIN_CNTLID, Subsystem.MIN_CNTLID, Subsystem.MAX_CNTLID),
            (int) range(call, "max_cntlid", Subsystem.MAX_CNTLID, Subsystem.MIN_CNTLID, Subsystem.MAX_CNTLID),
            call.flag("ana_reporting", false));
        if (spec.minCntlid() > spec.maxCntlid()) {
            throw invalid("min_cntlid is above max_cntlid");
        }
        target.createSubsystem(spec, call.flag("allow_any_host", false));
        return true;
    }

    private static String text(RpcCall call, String name, String otherwise, int most) throws StorageException {
        String text = call.string(name, otherwise);
        if (text.length() > most || !text.chars().allMatch(c -> c >= ' ' && c <= '~')) {
            throw invalid(name + " is not up to " + most + " printable ASCII characters");
        }
        return text;
    }

    private static long range(RpcCall call, String name, long otherwise, long low, long high) throws StorageException {
        long value = call.number(name, otherwise);
        if (value < low || value > high) {
            throw invalid(name + " is " + value + ", which is not from " + low + " to " + high);
        }
        return value;
    }

    private RpcMethod deleteSubsystem() {
        return RpcMethod
            .named("nvmf_delete_subsystem", "nvmf", "subsystem-delete", "Deletes a subsystem; its hosts lose it")
            .takes(NQN, TARGET)
            .does(call -> {
                target.deleteSubsystem(nvmSubsystem(call));
                return true;
            });
    }

    private RpcMethod getSubsystems() {
        return RpcMethod
            .named("nvmf_get_subsystems", "nvmf", "subsystem-list", "Lists subsystems, the discovery one first")
            .takes(RpcParameter.optional("nqn", Type.STRING, "Only this one").of(Kind.SUBSYSTEM), TARGET)
            .shows("NQN", "nqn").shows("TYPE", "subtype").shows("SERIAL", "serial_number")
            .shows("ANY HOST", "allow_any_host").shows("ADDRESSES", "listen_addresses.traddr")
            .shows("PORTS", "listen_addresses.trsvcid").shows("NAMESPACES", "namespaces.bdev_name")
            .readOnly()
            .does(call -> {
                if (!call.has("nqn")) {
                    return target.subsystems().stream().map(NvmfJson::subsystem).toList();
                } else if (target.subsystem(call.string("nqn")) == null) {
                    throw StorageException.errno(Errno.ENODEV, Errno.text(Errno.ENODEV));
                }
                return List.of(NvmfJson.subsystem(subsystem(call)));
            });
    }

    private RpcMethod addNamespace() {
        return RpcMethod.named("nvmf_subsystem_add_ns", "nvmf", "ns-add", "Gives a block device to a subsystem's hosts")
            .takes(NQN, RpcParameter.required("namespace", Type.OBJECT, "The namespace").holding(
                RpcParameter.required("bdev_name", Type.STRING, "Name of the block device").of(Kind.BDEV),
                RpcParameter.optional("nsid", Type.U32, "Its identifier; the lowest that is free when left out"),
                RpcParameter.optional("nguid", Type.STRING, "32 hexadecimal digits; the UUID when left out"),
                RpcParameter.optional("eui64", Type.STRING, "16 hexadecimal digits; none when left out"),
                RpcParameter.optional("uuid", Type.UUID, "Its UUID; the device's when left out"),
                RpcParameter.optional("anagrpid", Type.U32, "For clients of SPDK; kept, without effect"),
                RpcParameter.optional("ptpl_file", Type.STRING, "Not supported"),
                flag("no_auto_visible", "Not supported"),
                flag("hide_metadata", "For clients of SPDK; without effect, there is no metadata")), TARGET)
            .does(this::addNamespace);
    }

    private Object addNamespace(RpcCall call) throws StorageException {
        RpcCall namespace = call.object("namespace");
        refuse(namespace, "ptpl_file", "no_auto_visible");
        var spec = new Namespace.Spec(
            number(namespace, "nsid", 0), namespace.string("bdev_name"), hex(namespace, "nguid", Namespace.NGUID_BYTES),
            hex(namespace, "eui64", Namespace.EUI64_BYTES), namespace.uuid("uuid"), number(namespace, "anagrpid", 0));
        try {
            return (long) target.addNamespace(nvmSubsystem(call), spec);
        } catch (StorageException e) {
            throw new StorageException(RpcError.INVALID_PARAMS, e.getMessage().startsWith("Invalid parameters")
                ? e.getMessage() : "Invalid parameters: " + e.getMessage(), e);
        }
    }

    private static byte[] hex(RpcCall call, String name, int bytes) throws StorageException {
        String digits = call.string(name);
        if (digits != null && !digits.matches("[0-9A-Fa-f]{" + 2 * bytes + "}")) {
            throw invalid(name + " is " + digits + ", which is not " + 2 * bytes + " hexadecimal digits");
        }
        return digits == null ? null : HexFormat.of().parseHex(digits);
    }

    private RpcMethod removeNamespace() {
        return RpcMethod
            .named("nvmf_subsystem_remove_ns", "nvmf", "ns-remove", "Takes a namespace from a subsystem's hosts")
            .takes(NQN, RpcParameter.required("nsid", Type.U32, "Its identifier"), TARGET)
            .does(call -> {
                Subsystem subsystem = nvmSubsystem(call);
                Namespace namespace = subsystem.namespace(number(call, "nsid", 0));
                if (namespace == null) {
                    throw invalid(subsystem.nqn + " has no namespace " + call.number("nsid"));
                }
                target.removeNamespace(namespace);
                return true;
            });
    }

    private static ListenAddress address(RpcCall call) throws StorageException {
        RpcCall address = call.object("listen_address");
        return Transports.canonical(
            address.string("trtype"), address.string("adrfam"), address.string("traddr"),
            address.string("trsvcid", "4420"));
    }

    private RpcMethod addListener() {
        return RpcMethod
            .named("nvmf_subsystem_add_listener", "nvmf", "listener-add", "Makes a subsystem reachable at an address")
            .takes(NQN, ADDRESS, TARGET,
                flag("secure_channel", "Not supported"),
                RpcParameter.optional("ana_state", Type.STRING, "For clients of SPDK; only optimized")
                    .oneOf("optimized"),
                RpcParameter.optional("sock_impl", Type.STRING, "For clients of SPDK; without effect"),
                RpcParameter.optional("numa_id", Type.I32, "For clients of SPDK; without effect"))
            .does(call -> {
                refuse(call, "secure_channel");
                target.addListener(subsystem(call), address(call));
                return true;
            });
    }

    private RpcMethod removeListener() {
        return RpcMethod.named(
                "nvmf_subsystem_remove_listener", "nvmf", "listener-remove",
                "Makes a subsystem unreachable at an address")
            .takes(NQN, ADDRESS, TARGET)
            .does(call -> {
                target.removeListener(subsystem(call), address(call));
                return true;
            });
    }

    private RpcMethod getListeners() {
        return RpcMethod
            .named("nvmf_subsystem_get_listeners", "nvmf", "listener-list", "Lists where a subsystem is reachable")
            .takes(NQN, TARGET)
            .shows("TRANSPORT", "address.trtype").shows("ADDRESS", "address.traddr").shows("PORT", "address.trsvcid")
            .readOnly()
            .does(call -> {
                Subsystem subsystem = subsystem(call);
                return subsystem.listeners().stream().map(address -> NvmfJson.listener(subsystem, address)).toList();
            });
    }

    private RpcMethod addHost() {
        return RpcMethod.named("nvmf_subsystem_add_host", "nvmf", "host-add", "Allows a host to use a subsystem")
            .takes(NQN, HOST, TARGET,
                RpcParameter.optional("psk", Type.STRING, "Not supported").hidden(),
                RpcParameter.optional("dhchap_key", Type.STRING, "Not supported").hidden(),
                RpcParameter.optional("dhchap_ctrlr_key", Type.STRING, "Not supported").hidden())
            .does(call -> {
                refuse(call, "psk", "dhchap_key", "dhchap_ctrlr_key");
                target.addHost(nvmSubsystem(call), call.string("host"));
                return true;
            });
    }

    private RpcMethod removeHost() {
        return RpcMethod.named("nvmf_subsystem_remove_host", "nvmf", "host-remove", "Forbids a host to use a subsystem")
            .takes(NQN, HOST, TARGET,
                RpcParameter.optional("timeout_ms", Type.U64, "For clients of SPDK; without effect"))
            .does(call -> {
                target.removeHost(nvmSubsystem(call), call.string("host"));
                return true;
            });
    }

    private RpcMethod allowAnyHost() {
        return RpcMethod.named(
                "nvmf_subsystem_allow_any_host", "nvmf", "host-allow-any",
                "Says whether every host may use a subsystem")
            .takes(NQN, RpcParameter.required("allow_any_host", Type.BOOLEAN, "Whether every host may use it"), TARGET)
            .does(call -> {
                target.allowAnyHost(subsystem(call), call.flag("allow_any_host", false));
                return true;
            });
    }

    private RpcMethod getControllers() {
        return RpcMethod
            .named("nvmf_subsystem_get_controllers", "nvmf", "controller-list", "Lists a subsystem's controllers")
            .takes(NQN, TARGET)
            .shows("ID", "cntlid").shows("TYPE", "cntrltype").shows("HOST", "hostnqn")
            .shows("I/O QUEUES", "num_io_qpairs")
            .readOnly()
            .does(call -> subsystem(call).controllers().stream().map(NvmfJson::controller).toList());
    }

    private RpcMethod getQueues() {
        return RpcMethod
            .named("nvmf_subsystem_get_qpairs", "nvmf", "queue-list", "Lists the queues of a subsystem's controllers")
            .takes(NQN, TARGET)
            .shows("CONTROLLER", "cntlid").shows("QUEUE", "qid").shows("THREAD", "thread").shows("HOST", "hostnqn")
            .shows("PEER", "peer_address.traddr").shows("PORT", "peer_address.trsvcid")
            .readOnly()
            .does(call -> {
                var found = new ArrayList<Map<String, Object>>();
                for (Controller controller : subsystem(call).controllers()) {
                    found.addAll(target.reactors().call(controller.reactor(), _ ->
                        controller.queues().stream().map(queue -> NvmfJson.queue(controller, queue)).toList()));
                }
                return found;
            });
    }

    private RpcMethod getStats() {
        return RpcMethod.named("nvmf_get_stats", "nvmf", "stats", "Tells what the target has done, by reactor")
            .takes(TARGET)
            .readOnly()
            .does(call -> {
                List<String> transports = target.transports().stream().map(slot -> slot.type).toList();
                var groups = new ArrayList<Object>();
                for (ReactorGroup group : target.groups()) {
                    groups.add(target.reactors().call(group.reactor, _ -> NvmfJson.group(group, transports)));
                }
                var stats = new LinkedHashMap<String, Object>();
                stats.put("tick_rate", TICK_RATE);
                stats.put("poll_groups", groups);
                return stats;
            });
    }
}
