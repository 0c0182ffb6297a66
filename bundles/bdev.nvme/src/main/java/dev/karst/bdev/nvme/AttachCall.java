package dev.karst.bdev.nvme;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.Metadata;
import dev.karst.bdev.nvme.control.Attachment;
import dev.karst.bdev.nvme.control.Settings;
import dev.karst.nvme.ControllerOptions;
import dev.karst.nvme.TransportId;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Type;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The parameters of {@code bdev_nvme_attach_controller}, and what they mean. */
final class AttachCall {
    private static final int MS_PER_SECOND = 1_000;
    private static final int MOST_QUEUES = 1024;
    private static final RpcParameter[] PARAMETERS = {
        RpcParameter.required("name", Type.STRING, "Name of the controller; its devices have n and the namespace's number behind it"),
        RpcParameter.required("trtype", Type.STRING, "Transport: PCIe, TCP, VFIOUSER"),
        RpcParameter.required("traddr", Type.STRING, "PCI address, IP address or path"),
        RpcParameter.optional("adrfam", Type.STRING, "Address family: IPv4 or IPv6"),
        RpcParameter.optional("trsvcid", Type.STRING, "Port").initially("4420 for TCP"),
        RpcParameter.optional("priority", Type.STRING, "For clients of SPDK; only 0"),
        RpcParameter.optional("subnqn", Type.STRING, "NQN of the subsystem"),
        RpcParameter.optional("hostnqn", Type.STRING, "NQN of this host").initially("one made of the machine's identity"),
        RpcParameter.optional("hostaddr", Type.STRING, "Local address to connect from"),
        RpcParameter.optional("hostsvcid", Type.STRING, "For clients of SPDK; only empty"),
        RpcParameter.optional("prchk_reftag", Type.BOOLEAN, "Whether reference tags are checked").initially("false"),
        RpcParameter.optional("prchk_guard", Type.BOOLEAN, "Whether guards are checked").initially("false"),
        RpcParameter.optional("hdgst", Type.BOOLEAN, "Whether headers carry a digest").initially("false"),
        RpcParameter.optional("ddgst", Type.BOOLEAN, "Whether data carries a digest").initially("false"),
        RpcParameter.optional("fabrics_connect_timeout_us", Type.U64, "For clients of SPDK; without effect"),
        RpcParameter.optional("multipath", Type.STRING, "Whether others may have the name, as paths to the same namespaces")
            .oneOf("failover", "multipath", "disable").initially("multipath"),
        RpcParameter.optional("num_io_queues", Type.U32, "Most queue pairs, one for each reactor").initially("1024"),
        RpcParameter.optional("ctrlr_loss_timeout_sec", Type.I32,
            "After how long without connection it is taken away; -1 for never, 0: it fails at once and stays").initially("as set"),
        RpcParameter.optional("reconnect_delay_sec", Type.U32, "How long between attempts to connect").initially("as set"),
        RpcParameter.optional("fast_io_fail_timeout_sec", Type.U32,
            "After how long without connection I/O fails; 0 for not before it is taken away").initially("as set"),
        RpcParameter.optional("psk", Type.STRING, "For clients of SPDK; there is no TLS yet").hidden(),
        RpcParameter.optional("max_bdevs", Type.U32, "For clients of SPDK; without effect"),
        RpcParameter.optional("dhchap_key", Type.STRING, "For clients of SPDK; there is no authentication yet").hidden(),
        RpcParameter.optional("dhchap_ctrlr_key", Type.STRING, "For clients of SPDK; there is no authentication yet").hidden(),
        RpcParameter.optional("allow_unrecognized_csi", Type.BOOLEAN, "For clients of SPDK; only false"),
        PathMethods.multipathOptions(),
        RpcParameter.optional("disable_sq_flow_control", Type.BOOLEAN, "For clients of SPDK; only false")
    };

    private AttachCall() {}

    static RpcParameter[] parameters() {
        return PARAMETERS.clone();
    }

    /** The same call in the form that all calls which mean the same have. */
    static Map<String, Object> normal(Map<String, Object> sent) {
        Map<String, Object> normal = new LinkedHashMap<>(sent);
        if (sent.get("trtype") instanceof String type) {
            normal.put("trtype", type.toUpperCase(Locale.ROOT));
            if (type.equalsIgnoreCase("TCP")) {
                boolean six = sent.get("traddr") instanceof String address && address.indexOf(':') >= 0;
                normal.putIfAbsent("adrfam", six ? "IPv6" : "IPv4");
                normal.putIfAbsent("trsvcid", "4420");
            }
        }
        if (normal.get("adrfam") instanceof String family) {
            normal.put("adrfam", family.equalsIgnoreCase("IPv6") ? "IPv6" : "IPv4");
        }
        normal.values().removeIf(java.util.Objects::isNull);
        return normal;
    }

    /**
     * What the call asks for.
     *
     * @throws StorageException EINVAL or EOPNOTSUPP, saying which parameter
     */
    static Attachment attachment(RpcCall sent, Settings settings) throws StorageException {
        var call = new RpcCall(normal(sent.parameters()), _ -> {}, () -> false);
        refuse(call, List.of("psk", "dhchap_key", "dhchap_ctrlr_key", "hostsvcid"), "");
        refuse(call, List.of("priority"), "0");
        refuse(call, List.of("allow_unrecognized_csi", "disable_sq_flow_control"), false);
        var id = id(call);
        int checks = (call.flag("prchk_guard", false) ? Metadata.GUARD : 0)
            | (call.flag("prchk_reftag", false) ? Metadata.REFERENCE_TAG : 0);
        int queues = (int) Math.min(call.number("num_io_queues", MOST_QUEUES), MOST_QUEUES);
        Attachment.Loss loss = loss(call, settings);
        boolean alone = call.string("multipath", "multipath").equalsIgnoreCase("disable");
        return new Attachment(call.string("name"), id, options(call, settings, loss), alone, queues, checks, loss,
            call.has("multipath_opts") ? PathMethods.policy(call.object("multipath_opts"), settings.policy()) : null, false,
            Map.copyOf(call.parameters()));
    }

    private static void refuse(RpcCall call, List<String> names, Object unless) throws StorageException {
        for (String name : names) {
            if (call.has(name) && !call.parameters().get(name).equals(unless)) {
                throw StorageException.failure(Errno.EOPNOTSUPP, Attachment.METHOD + " " + call.string("name") + ": " + name
                    + " is not done yet; leave it out");
            }
        }
    }

    /** Where the call says that the controller is. */
    static TransportId id(RpcCall call) {
        return new TransportId(call.string("trtype"), call.string("adrfam", ""), call.string("traddr"), call.string("trsvcid", ""),
            call.string("subnqn", ""));
    }

    /** Seconds as SPDK takes them: what a loss means must be told in full. */
    private static Attachment.Loss loss(RpcCall call, Settings settings) throws StorageException {
        long lossSeconds = call.number("ctrlr_loss_timeout_sec", settings.loss().lossMs() / MS_PER_SECOND);
        long delay = call.number("reconnect_delay_sec", settings.reconnectMs() / MS_PER_SECOND);
        long fail = call.number("fast_io_fail_timeout_sec", settings.loss().failIoMs() / MS_PER_SECOND);
        checkLoss(Attachment.METHOD, lossSeconds, delay, fail);
        return new Attachment.Loss(fail * MS_PER_SECOND, lossSeconds < 0 ? -1 : lossSeconds * MS_PER_SECOND);
    }

    /** @throws StorageException EINVAL when the three cannot be meant together, as in SPDK */
    static void checkLoss(String method, long lossSeconds, long delay, long fail) throws StorageException {
        String wrong = null;
        if (lossSeconds < -1) {
            wrong = "ctrlr_loss_timeout_sec is " + lossSeconds + "; give -1 or more";
        } else if (lossSeconds == -1 && delay == 0) {
            wrong = "ctrlr_loss_timeout_sec is -1; give a reconnect_delay_sec too";
        } else if (lossSeconds == 0 && (delay != 0 || fail != 0)) {
            wrong = "ctrlr_loss_timeout_sec is 0; leave reconnect_delay_sec and fast_io_fail_timeout_sec out too, or give it";
        } else if (lossSeconds > 0 && (delay == 0 || delay > lossSeconds || fail > lossSeconds)) {
            wrong = "give a reconnect_delay_sec from 1, and no fast_io_fail_timeout_sec, above ctrlr_loss_timeout_sec";
        } else if (fail > 0 && fail < delay) {
            wrong = "fast_io_fail_timeout_sec is below reconnect_delay_sec";
        }
        if (wrong != null) {
            throw StorageException.failure(Errno.EINVAL, method + ": " + wrong);
        }
    }

    private static ControllerOptions options(RpcCall call, Settings settings, Attachment.Loss loss) {
        ControllerOptions standard = ControllerOptions.standard();
        int delay = (int) call.number("reconnect_delay_sec", settings.reconnectMs() / MS_PER_SECOND) * MS_PER_SECOND;
        var timeouts = new ControllerOptions.Timeouts(
            settings.ioMs(), settings.adminMs() == 0 ? standard.timeouts().adminMs() : settings.adminMs(),
            delay == 0 ? standard.timeouts().reconnectMs() : delay, (int) Math.min(loss.lossMs(), Integer.MAX_VALUE));
        return new ControllerOptions(
            settings.queueRequests() == 0 ? standard.queueEntries() : settings.queueRequests() + 1, standard.adminEntries(),
            settings.keepAliveMs(), call.string("hostnqn", ""), "", call.string("hostaddr", ""), call.flag("hdgst", false),
            call.flag("ddgst", false), standard.interrupts(), standard.sgl(), standard.ownMemory(),
            timeouts);
    }
}
