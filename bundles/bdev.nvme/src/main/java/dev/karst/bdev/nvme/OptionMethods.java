package dev.karst.bdev.nvme;

import dev.karst.base.StorageException;
import dev.karst.bdev.module.CreationRecord;
import dev.karst.bdev.nvme.control.Attachment;
import dev.karst.bdev.nvme.control.Settings;
import dev.karst.rpc.Effect;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** What holds for all controllers that are attached later, and for how I/O is tried again. */
final class OptionMethods {
    private static final int US_PER_MS = 1_000;
    private static final int MS_PER_SECOND = 1_000;
    private static final int MOST_REQUESTS = 4_095;
    private static final List<String> WITHOUT_EFFECT = List.of(
        "arbitration_burst", "low_priority_weight", "medium_priority_weight", "high_priority_weight", "nvme_adminq_poll_period_us",
        "nvme_ioq_poll_period_us", "transport_retry_count", "transport_ack_timeout", "transport_tos", "rdma_srq_size",
        "rdma_max_cq_size", "rdma_cm_event_timeout_ms", "tcp_connect_timeout_ms");
    private static final List<String> FLAGS_WITHOUT_EFFECT = List.of(
        "delay_cmd_submit", "generate_uuids", "nvme_error_stat", "io_path_stat", "allow_accel_sequence", "rdma_umr_per_io",
        "enable_flush");

    private final NvmeModule module;

    OptionMethods(NvmeModule module) {
        this.module = module;
    }

    List<RpcMethod> methods() {
        return List.of(setOptions());
    }

    private RpcMethod setOptions() {
        return RpcMethod.named(Settings.METHOD, "bdev", "nvme-set-options",
                "Sets what holds for NVMe controllers that are attached from now on, and how often I/O is tried again")
            .takes(parameters())
            .saved()
            .with(Effect.set(Settings.METHOD, Map.of()))
            .does(call -> {
                module.controllers().settings(settings(call));
                module.host().keepFirst(
                    new CreationRecord(Settings.METHOD, Map.copyOf(call.repeatable()), Settings.METHOD, new UUID(0, 0)));
                return true;
            });
    }

    private static RpcParameter[] parameters() {
        List<RpcParameter> all = new ArrayList<>(List.of(
            RpcParameter.optional("action_on_timeout", Type.STRING,
                "What is done with a command that takes too long: it is always aborted, and then the controller reset")
                .oneOf("none", "reset", "abort").initially("none"),
            RpcParameter.optional("timeout_us", Type.U64, "How long an I/O command may take; 0 for any time").initially("0"),
            RpcParameter.optional("timeout_admin_us", Type.U64, "How long an admin command may take; 0 for 30 s").initially("0"),
            RpcParameter.optional("keep_alive_timeout_ms", Type.U32, "Keep-alive time-out; 0 for none").initially("10000"),
            RpcParameter.optional("io_queue_requests", Type.U32, "Requests of a queue pair; 0 for 256").initially("0"),
            RpcParameter.optional("bdev_retry_count", Type.I32, "How often an I/O that a device failed is tried again; -1 for any number")
                .initially("3"),
            RpcParameter.optional("ctrlr_loss_timeout_sec", Type.I32,
                "After how long without connection a controller is taken away; -1 for never, 0: it fails at once and stays").initially("0"),
            RpcParameter.optional("reconnect_delay_sec", Type.U32, "How long between attempts to connect").initially("0"),
            RpcParameter.optional("fast_io_fail_timeout_sec", Type.U32, "After how long without connection I/O fails; 0 for not before")
                .initially("0"),
            RpcParameter.optional("disable_auto_failback", Type.BOOLEAN, "Whether I/O stays on the path that it changed to")
                .initially("false"),
            RpcParameter.optional("dhchap_digests", Type.LIST, "For clients of SPDK; without effect"),
            RpcParameter.optional("dhchap_dhgroups", Type.LIST, "For clients of SPDK; without effect"),
            PathMethods.multipathOptions()));
        WITHOUT_EFFECT.forEach(name -> all.add(RpcParameter.optional(name, Type.U64, "For clients of SPDK; without effect")));
        FLAGS_WITHOUT_EFFECT.forEach(name -> all.add(RpcParameter.optional(name, Type.BOOLEAN, "For clients of SPDK; without effect")));
        return all.toArray(RpcParameter[]::new);
    }

    /**
     * What the call says.
     *
     * @throws StorageException EINVAL when what is to be done when a connection is lost contradicts itself
     */
    static Settings settings(RpcCall call) throws StorageException {
        long timeout = call.number("timeout_us", 0);
        long loss = call.number("ctrlr_loss_timeout_sec", 0);
        long delay = call.number("reconnect_delay_sec", 0);
        long fail = call.number("fast_io_fail_timeout_sec", 0);
        AttachCall.checkLoss(Settings.METHOD, loss, delay, fail);
        Settings standard = Settings.DEFAULT;
        return new Settings(
            millis(timeout), millis(call.number("timeout_admin_us", 0)),
            (int) Math.min(call.number("keep_alive_timeout_ms", standard.keepAliveMs()), Integer.MAX_VALUE),
            (int) Math.min(call.number("io_queue_requests", 0), MOST_REQUESTS), (int) call.number("bdev_retry_count", standard.retries()),
            (int) Math.min(delay * MS_PER_SECOND, Integer.MAX_VALUE),
            new Attachment.Loss(fail * MS_PER_SECOND, loss < 0 ? -1 : loss * MS_PER_SECOND),
            !call.flag("disable_auto_failback", false),
            call.has("multipath_opts") ? PathMethods.policy(call.object("multipath_opts"), standard.policy()) : standard.policy());
    }

    private static int millis(long micros) {
        return micros == 0 ? 0 : Math.clamp(micros / US_PER_MS, 1, Integer.MAX_VALUE);
    }
}
