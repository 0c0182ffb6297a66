package dev.karst.nvmf.core.rpc;

import dev.karst.base.StorageException;
import dev.karst.nvmf.ListenAddress;
import dev.karst.nvmf.core.NvmfTarget;
import dev.karst.nvmf.core.Transports;
import dev.karst.nvmf.core.model.AnaState;
import dev.karst.nvmf.core.model.Subsystem;
import dev.karst.rpc.Effect;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Type;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The methods about where a subsystem can be reached. */
final class ListenerMethods {
    private static final String[] STATES =
        Arrays.stream(AnaState.values()).map(state -> state.word).toArray(String[]::new);

    private final NvmfTarget target;

    ListenerMethods(NvmfTarget target) {
        this.target = target;
    }

    List<RpcMethod> methods() {
        return List.of(addListener(), removeListener(), setAnaState(), getListeners());
    }

    private RpcMethod addListener() {
        return RpcMethod
            .named("nvmf_subsystem_add_listener", "nvmf", "listener-create", "Makes a subsystem reachable at an address")
            .takes(Arguments.NQN, Arguments.ADDRESS, Arguments.TARGET,
                Arguments.flag("secure_channel", "Not supported").passing(),
                RpcParameter.optional("ana_state", Type.STRING, "How all of its namespaces can be reached there")
                    .oneOf(STATES).initially("optimized"),
                RpcParameter.optional("sock_impl", Type.STRING, "For clients of SPDK; without effect").passing(),
                RpcParameter.optional("numa_id", Type.I32, "For clients of SPDK; without effect").passing(),
                RpcParameter.optional("karst_advertise", Type.OBJECT, "What hosts are told instead").holding(
                    RpcParameter.optional("adrfam", Type.STRING, "IPv4 or IPv6; found out when left out"),
                    RpcParameter.required("traddr", Type.STRING, "Numeric address"),
                    RpcParameter.optional("trsvcid", Type.STRING, "Port; the one that is listened at when left out")))
            .saved()
            .with(Effect.made("nvmf_subsystem_remove_listener", key())
                .changedBy("nvmf_subsystem_listener_set_ana_state", "ana_state"))
            .does(this::addListener);
    }

    /** What tells a listener from others, and something of it. */
    private static String[] key(String... more) {
        return Stream.concat(
            Stream.of("nqn", "listen_address.trtype", "listen_address.traddr", "listen_address.trsvcid"), Stream.of(more))
            .toArray(String[]::new);
    }

    private Object addListener(RpcCall call) throws StorageException {
        Arguments.refuse(call, "secure_channel");
        ListenAddress address = Arguments.address(call, "listen_address");
        ListenAddress advertised = null;
        if (call.has("karst_advertise")) {
            RpcCall told = call.object("karst_advertise");
            advertised = Transports.canonical(
                address.trtype(), told.string("adrfam"), told.string("traddr"), told.string("trsvcid", "0"));
        }
        AnaState state = AnaState.of(call.string("ana_state", "optimized"));
        ListenAddress actual = target.listeners.add(Arguments.subsystem(target, call), address, advertised, state);
        call.object("listen_address").settle("trsvcid", actual.trsvcid());
        return true;
    }

    private RpcMethod removeListener() {
        return RpcMethod.named(
                "nvmf_subsystem_remove_listener", "nvmf", "listener-delete",
                "Makes a subsystem unreachable at an address")
            .takes(Arguments.NQN, Arguments.ADDRESS, Arguments.TARGET)
            .saved()
            .does(call -> {
                target.listeners.remove(
                    Arguments.subsystem(target, call), Arguments.address(call, "listen_address"));
                return true;
            });
    }

    private RpcMethod setAnaState() {
        return RpcMethod.named(
                "nvmf_subsystem_listener_set_ana_state", "nvmf", "listener-set-ana-state",
                "Says how a subsystem's namespaces can be reached at an address")
            .takes(Arguments.NQN, Arguments.ADDRESS,
                RpcParameter.required("ana_state", Type.STRING, "How they can be reached").oneOf(STATES),
                RpcParameter.optional("anagrpid", Type.U32, "Only those of this ANA group"), Arguments.TARGET)
            .saved()
            .with(Effect.set("nvmf_subsystem_listener_set_ana_state",
                Map.of("ana_state", AnaState.OPTIMIZED.word), key("anagrpid")))
            .does(call -> {
                boolean all = !call.has("anagrpid");
                int group = Arguments.number(call, "anagrpid", 0);
                if (!all && group == 0) {
                    throw Arguments.invalid("anagrpid is 0, but ANA groups begin with 1");
                }
                target.listeners.anaState(
                    Arguments.nvmSubsystem(target, call), Arguments.address(call, "listen_address"), group,
                    AnaState.of(call.string("ana_state")));
                return true;
            });
    }

    private RpcMethod getListeners() {
        return RpcMethod
            .named("nvmf_subsystem_get_listeners", "nvmf", "listener-list", "Lists where a subsystem is reachable")
            .takes(Arguments.NQN, Arguments.TARGET)
            .shows("TRANSPORT", "address.trtype").shows("ADDRESS", "address.traddr").shows("PORT", "address.trsvcid")
            .shows("ADVERTISED", "karst_advertise.traddr").shows("ANA", "ana_states.ana_state")
            .readOnly()
            .does(call -> {
                Subsystem subsystem = Arguments.subsystem(target, call);
                return subsystem.listeners().stream().map(listener -> NvmfJson.listener(subsystem, listener)).toList();
            });
    }
}
