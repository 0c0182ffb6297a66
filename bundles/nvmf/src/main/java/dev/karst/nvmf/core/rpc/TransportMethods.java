package dev.karst.nvmf.core.rpc;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.nvmf.TransportOptions;
import dev.karst.nvmf.core.NvmfTarget;
import dev.karst.nvmf.core.Transports;
import dev.karst.rpc.Effect;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Kind;
import dev.karst.rpc.RpcParameter.Type;
import java.util.ArrayList;
import java.util.List;

/** The methods about transports. */
final class TransportMethods {
    private final NvmfTarget target;

    TransportMethods(NvmfTarget target) {
        this.target = target;
    }

    List<RpcMethod> methods() {
        return List.of(createTransport(), getTransports());
    }

    private RpcMethod createTransport() {
        return RpcMethod.named("nvmf_create_transport", "nvmf", "transport-create", "Makes a transport")
            .takes(
                RpcParameter.required("trtype", Type.STRING, "Transport: TCP").of(Kind.TRANSPORT), Arguments.TARGET,
                RpcParameter.optional("max_queue_depth", Type.U16, "Most entries of an I/O queue"),
                RpcParameter.optional("max_io_qpairs_per_ctrlr", Type.U16, "Most I/O queues of a controller"),
                RpcParameter.optional("in_capsule_data_size", Type.U32, "Most bytes of data inside a command capsule"),
                RpcParameter.optional("max_io_size", Type.U32, "Most bytes of one transfer"),
                RpcParameter.optional("max_aq_depth", Type.U32, "Most entries of an admin queue"),
                RpcParameter.optional("c2h_success", Type.BOOLEAN,
                    "Whether the data of a read may say that it succeeded"),
                Arguments.flag("dif_insert_or_strip",
                    "Whether protection information of namespaces added later is made and taken off for hosts"),
                RpcParameter.optional("karst_max_connections", Type.U32, "Most connections at once"))
            .relaxed()
            .saved()
            .with(Effect.made(null, "trtype"))
            .does(this::createTransport);
    }

    private Object createTransport(RpcCall call) throws StorageException {
        TransportOptions initial = target.defaults(call.string("trtype"));
        target.createTransport(call.string("trtype"), new TransportOptions(
            Arguments.number(call, "max_queue_depth", initial.maxQueueDepth()),
            Arguments.number(call, "max_aq_depth", initial.maxAdminQueueDepth()),
            Arguments.number(call, "max_io_qpairs_per_ctrlr", initial.maxIoQueues()),
            Arguments.number(call, "in_capsule_data_size", initial.inCapsuleBytes()),
            Arguments.number(call, "max_io_size", initial.maxIoBytes()),
            call.flag("c2h_success", initial.c2hSuccess()),
            Arguments.number(call, "karst_max_connections", initial.maxConnections()),
            call.flag("dif_insert_or_strip", initial.difInsertOrStrip())));
        return true;
    }

    private RpcMethod getTransports() {
        return RpcMethod.named("nvmf_get_transports", "nvmf", "transport-list", "Lists transports")
            .takes(RpcParameter.optional("trtype", Type.STRING, "Only this one"), Arguments.TARGET)
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
}
