package dev.karst.nvmf.core.rpc;

import dev.karst.base.StorageException;
import dev.karst.nvmf.ListenAddress;
import dev.karst.nvmf.core.NvmfTarget;
import dev.karst.nvmf.core.Transports;
import dev.karst.nvmf.core.model.Controller;
import dev.karst.nvmf.core.model.Namespace;
import dev.karst.nvmf.core.model.Subsystem;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Kind;
import dev.karst.rpc.RpcParameter.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Methods of our own, for people: what SPDK tells only inside of something larger, and one thing at a time. */
final class ShowMethods {
    private static final RpcParameter ANY_NQN =
        RpcParameter.optional("nqn", Type.STRING, "Only those of this subsystem").of(Kind.SUBSYSTEM);
    private static final RpcParameter NSID =
        RpcParameter.required("nsid", Type.U32, "Its identifier").of(Kind.NAMESPACE);
    private static final RpcParameter HOST = RpcParameter.required("host", Type.STRING, "NQN of the host").of(Kind.HOST);

    private final NvmfTarget target;

    ShowMethods(NvmfTarget target) {
        this.target = target;
    }

    List<RpcMethod> methods() {
        return List.of(
            showing("subsystem", "Shows what is known of a subsystem", this::subsystem, Arguments.NQN),
            showing("ns", "Shows what is known of a namespace", this::namespace, Arguments.NQN, NSID),
            showing("listener", "Shows how a subsystem is reached at an address", this::listener, Arguments.NQN, Arguments.ADDRESS),
            showing("host", "Shows a host's controllers in a subsystem", this::host, Arguments.NQN, HOST),
            showing("transport", "Shows what is known of a transport", this::transport,
                RpcParameter.required("trtype", Type.STRING, "Transport: TCP").of(Kind.TRANSPORT)),
            listNamespaces(), listHosts());
    }

    private static RpcMethod showing(String noun, String doc, RpcMethod.Handler handler, RpcParameter... parameters) {
        return RpcMethod.named("karst_nvmf_" + noun + "_show", "nvmf", noun + "-info", doc)
            .takes(parameters).readOnly().does(handler);
    }

    private Object subsystem(RpcCall call) throws StorageException {
        Subsystem subsystem = Arguments.subsystem(target, call);
        Map<String, Object> json = NvmfJson.subsystem(subsystem);
        json.put("controllers", (long) subsystem.controllers().size());
        return json;
    }

    private Object namespace(RpcCall call) throws StorageException {
        return NvmfJson.namespace(Arguments.namespace(target, call));
    }

    private Object listener(RpcCall call) throws StorageException {
        Subsystem subsystem = Arguments.subsystem(target, call);
        ListenAddress address = Arguments.address(call, "listen_address");
        return subsystem.listeners().stream().filter(listener -> listener.address.equals(address)).findFirst()
            .map(listener -> NvmfJson.listener(subsystem, listener))
            .orElseThrow(() -> Arguments.invalid(subsystem.nqn + " is not reached at " + address.traddr() + " port "
                + address.trsvcid() + "; nvmf:listener-list shows where it is"));
    }

    private Object host(RpcCall call) throws StorageException {
        Subsystem subsystem = Arguments.subsystem(target, call);
        String host = call.string("host");
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("nqn", host);
        json.put("allowed", subsystem.anyHost() || subsystem.hosts().contains(host));
        json.put("controllers", controllers(subsystem, host).stream().map(NvmfJson::controller).toList());
        return json;
    }

    private static List<Controller> controllers(Subsystem subsystem, String host) {
        return subsystem.controllers().stream().filter(controller -> controller.hostNqn.equals(host)).toList();
    }

    private Object transport(RpcCall call) throws StorageException {
        String type = call.string("trtype");
        Transports.Slot slot = target.transports().stream().filter(one -> one.type.equalsIgnoreCase(type)).findFirst()
            .orElseThrow(() -> Arguments.invalid("there is no transport " + type + "; nvmf:transport-list shows those there are"));
        return NvmfJson.transport(slot.type, slot.options);
    }

    private List<Subsystem> chosen(RpcCall call) throws StorageException {
        return call.has("nqn") ? List.of(Arguments.subsystem(target, call))
            : target.subsystems().stream().filter(subsystem -> !subsystem.discovery).toList();
    }

    private RpcMethod listNamespaces() {
        return RpcMethod.named("karst_nvmf_list_namespaces", "nvmf", "ns-list", "Lists namespaces")
            .takes(ANY_NQN)
            .shows("SUBSYSTEM", "subsystem").shows("NSID", "nsid").shows("BDEV", "bdev_name").shows("UUID", "uuid")
            .shows("ANA GROUP", "anagrpid").shows("ONLY FOR", "hosts")
            .readOnly()
            .does(call -> {
                List<Map<String, Object>> rows = new ArrayList<>();
                for (Subsystem subsystem : chosen(call)) {
                    for (Namespace namespace : NvmfJson.present(subsystem)) {
                        rows.add(row(subsystem, NvmfJson.namespace(namespace)));
                    }
                }
                return rows;
            });
    }

    private RpcMethod listHosts() {
        return RpcMethod.named("karst_nvmf_list_hosts", "nvmf", "host-list", "Lists the hosts that may use a subsystem")
            .takes(ANY_NQN)
            .shows("SUBSYSTEM", "subsystem").shows("HOST", "nqn").shows("CONTROLLERS", "controllers")
            .readOnly()
            .does(call -> {
                List<Map<String, Object>> rows = new ArrayList<>();
                for (Subsystem subsystem : chosen(call)) {
                    for (String host : subsystem.hosts()) {
                        Map<String, Object> json = new LinkedHashMap<>();
                        json.put("nqn", host);
                        json.put("controllers", (long) controllers(subsystem, host).size());
                        rows.add(row(subsystem, json));
                    }
                }
                return rows;
            });
    }

    private static Map<String, Object> row(Subsystem subsystem, Map<String, Object> json) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("subsystem", subsystem.nqn);
        row.putAll(json);
        return row;
    }
}
