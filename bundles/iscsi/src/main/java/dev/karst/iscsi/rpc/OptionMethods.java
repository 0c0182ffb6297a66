package dev.karst.iscsi.rpc;

import dev.karst.base.StorageException;
import dev.karst.iscsi.IscsiTarget;
import dev.karst.iscsi.model.AuthPolicy;
import dev.karst.iscsi.model.IscsiName;
import dev.karst.iscsi.model.IscsiOptions;
import dev.karst.rpc.Effect;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Type;
import java.util.List;
import java.util.Map;

/** The methods about what holds for the target as a whole. */
final class OptionMethods {
    private static final int MAX_SECONDS = 3600;
    private static final int MAX_NODE_BASE = 200;
    private static final int MAX_SESSIONS = 0xffff;
    private static final int MAX_DEPTH = 256;
    private static final int MIN_BURST = 512;
    private static final int MAX_BURST = (1 << 24) - 1;

    private static final Map<String, Object> USUAL = IscsiJson.options(IscsiOptions.USUAL);

    private final IscsiTarget target;

    OptionMethods(IscsiTarget target) {
        this.target = target;
    }

    List<RpcMethod> methods() {
        return List.of(setOptions(), getOptions(), setDiscoveryAuth());
    }

    private static RpcParameter option(String name, Type type, String doc) {
        return RpcParameter.optional(name, type, doc).initially(USUAL.get(name).toString());
    }

    private static RpcParameter kept(String name) {
        return option(name, Type.U32, "For clients of SPDK; without effect");
    }

    private RpcMethod setOptions() {
        return RpcMethod.named("iscsi_set_options", "iscsi", "options-set", "Sets what holds for the target as a whole")
            .takes(
                RpcParameter.optional("auth_file", Type.STRING, "Not supported: secrets are keys of the keyring").passing(),
                option("node_base", Type.STRING, "What names of nodes begin with that are given without"),
                option("nop_timeout", Type.I32, "Seconds without an answer to a NOP-In after which a connection ends"),
                option("nop_in_interval", Type.I32, "Seconds of silence before a NOP-In; 0 for never"),
                Arguments.DISABLE_CHAP, Arguments.REQUIRE_CHAP, Arguments.MUTUAL_CHAP, Arguments.CHAP_GROUP,
                option("max_sessions", Type.U32, "Sessions at once"),
                option("max_queue_depth", Type.U32, "Most commands of a session at once"),
                option("max_connections_per_session", Type.U32, "Connections of a session at once"),
                option("default_time2wait", Type.U32, "Seconds that an initiator waits before it comes back"),
                option("default_time2retain", Type.U32, "Seconds that tasks are kept for it"),
                option("first_burst_length", Type.U32, "Most bytes of unsolicited data; 65536 is the most that is used"),
                option("immediate_data", Type.BOOLEAN, "Whether data may come with its command"),
                option("error_recovery_level", Type.U32, "Only 0"),
                option("allow_duplicated_isid", Type.BOOLEAN, "Only false: a new session takes the place of the old"),
                kept("max_large_datain_per_connection"),
                option("max_r2t_per_connection", Type.U32, "R2Ts of a command at once, up to 8"),
                kept("pdu_pool_size"), kept("immediate_data_pool_size"), kept("data_out_pool_size"))
            .saved()
            .with(Effect.set("iscsi_set_options", USUAL))
            .does(this::setOptions);
    }

    private Object setOptions(RpcCall call) throws StorageException {
        if (!call.string("auth_file", "").isEmpty()) {
            throw Arguments.invalid("auth_file is not supported: add secrets with keyring_file_add_key, and name them in "
                + "iscsi_create_auth_group");
        }
        Arguments.range(call, "error_recovery_level", 0, 0, 0);
        if (call.flag("allow_duplicated_isid", false)) {
            throw Arguments.invalid("allow_duplicated_isid is not supported");
        }
        IscsiOptions usual = IscsiOptions.USUAL;
        String nodeBase = call.string("node_base", usual.nodeBase());
        if (!IscsiName.isNormal(nodeBase, MAX_NODE_BASE)) {
            throw Arguments.invalid("node_base is " + nodeBase + ", which is no beginning of an iSCSI name such as iqn.2016-06.io.spdk");
        }
        var options = new IscsiOptions(nodeBase,
            Arguments.range(call, "max_sessions", usual.maxSessions(), 1, MAX_SESSIONS),
            Arguments.range(call, "max_connections_per_session", usual.maxConnectionsPerSession(), 1, MAX_SESSIONS),
            Arguments.range(call, "max_queue_depth", usual.maxQueueDepth(), 1, MAX_DEPTH),
            Arguments.range(call, "default_time2wait", usual.defaultTime2Wait(), 0, MAX_SECONDS),
            Arguments.range(call, "default_time2retain", usual.defaultTime2Retain(), 0, MAX_SECONDS),
            Arguments.range(call, "first_burst_length", usual.firstBurstLength(), MIN_BURST, MAX_BURST),
            call.flag("immediate_data", usual.immediateData()),
            Arguments.range(call, "nop_timeout", usual.nopTimeoutS(), 1, MAX_SECONDS),
            Arguments.range(call, "nop_in_interval", usual.nopInIntervalS(), 0, MAX_SECONDS),
            Arguments.policy(call, usual.discoveryAuth()),
            Arguments.range(call, "max_r2t_per_connection", usual.maxR2tPerConnection(), 1, Integer.MAX_VALUE), pools(call));
        target.options(_ -> options);
        return true;
    }

    private static IscsiOptions.Pools pools(RpcCall call) {
        IscsiOptions.Pools usual = IscsiOptions.Pools.USUAL;
        return new IscsiOptions.Pools(
            Arguments.number(call, "max_large_datain_per_connection", usual.largeDataIn()),
            Arguments.number(call, "pdu_pool_size", usual.pdus()),
            Arguments.number(call, "immediate_data_pool_size", usual.immediateData()),
            Arguments.number(call, "data_out_pool_size", usual.dataOut()));
    }

    private RpcMethod getOptions() {
        return RpcMethod.named("iscsi_get_options", "iscsi", "options", "Shows what holds for the target as a whole")
            .readOnly()
            .does(_ -> IscsiJson.options(target.catalogue().options()));
    }

    private RpcMethod setDiscoveryAuth() {
        return RpcMethod.named("iscsi_set_discovery_auth", "iscsi", "discovery-auth-set", "Sets who may discover")
            .takes(Arguments.DISABLE_CHAP, Arguments.REQUIRE_CHAP, Arguments.MUTUAL_CHAP, Arguments.CHAP_GROUP)
            .saved()
            .does(call -> {
                target.options(options -> options.with(Arguments.policy(call, AuthPolicy.FREE)));
                return true;
            });
    }
}
