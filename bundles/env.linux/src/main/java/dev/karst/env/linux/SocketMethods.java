package dev.karst.env.linux;

import dev.karst.base.StorageException;
import dev.karst.env.linux.net.LinuxNetwork;
import dev.karst.env.linux.net.SocketBuffers;
import dev.karst.rpc.ConfigSource.Call;
import dev.karst.rpc.Effect;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcError;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Type;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * SPDK's methods about sockets. There is one implementation, the kernel's, which SPDK calls posix. Sizes of buffers have their
 * effect; what else SPDK can be told is passed over, but for what would make a connection secure.
 */
final class SocketMethods {
    private static final String SCOPE = "env";
    private static final String POSIX = "posix";
    /** What SPDK has besides; its saved files set their options too. */
    private static final Set<String> OTHERS = Set.of("ssl", "uring");
    private static final long MOST_BYTES = 1 << 30;
    private static final RpcParameter IMPLEMENTATION =
        RpcParameter.required("impl_name", Type.STRING, "The implementation: posix");

    private final LinuxNetwork network;

    SocketMethods(LinuxNetwork network) {
        this.network = network;
    }

    List<RpcMethod> methods() {
        return List.of(
            RpcMethod.named("sock_get_default_impl", SCOPE, "socket-implementation", "Names the implementation of sockets")
                .readOnly()
                .does(_ -> Map.of("impl_name", POSIX)),
            RpcMethod.named("sock_set_default_impl", SCOPE, "socket-implementation-set", "Chooses the one that there is")
                .takes(IMPLEMENTATION)
                .does(call -> {
                    check(call);
                    return true;
                }),
            RpcMethod.named("sock_impl_get_options", SCOPE, "socket-options", "Tells how sockets are made, in SPDK's form")
                .takes(IMPLEMENTATION)
                .readOnly()
                .does(this::get),
            RpcMethod.named("sock_impl_set_options", SCOPE, "socket-options-set",
                    "Sets the sizes of the buffers of sockets that are opened from now on")
                .takes(
                    RpcParameter.required("impl_name", Type.STRING,
                        "The implementation: posix; for SPDK's others, uring and ssl, it is without effect"),
                    size("recv_buf_size", "Bytes to receive into; 0 for as many as the kernel finds right"),
                    size("send_buf_size", "Bytes to send from; 0 for as many as the kernel finds right"),
                    unused("enable_recv_pipe", Type.BOOLEAN), unused("enable_quickack", Type.BOOLEAN),
                    unused("enable_placement_id", Type.U32), unused("enable_zerocopy_send_server", Type.BOOLEAN),
                    unused("enable_zerocopy_send_client", Type.BOOLEAN), unused("zerocopy_threshold", Type.U32),
                    RpcParameter.optional("tls_version", Type.U32, "Refused unless 0: there is no TLS").initially("0"),
                    RpcParameter.optional("enable_ktls", Type.BOOLEAN, "Refused: there is no TLS").initially("false"))
                .saved()
                .with(Effect.set("sock_impl_set_options", sizes(SocketBuffers.BY_KERNEL), "impl_name"))
                .does(this::set));
    }

    private static RpcParameter size(String name, String doc) {
        return RpcParameter.optional(name, Type.U32, doc).initially("as it is");
    }

    private static RpcParameter unused(String name, Type type) {
        return RpcParameter.optional(name, type, "For clients of SPDK; without effect");
    }

    private static void check(RpcCall call) throws StorageException {
        if (!call.string("impl_name").equals(POSIX)) {
            throw RpcError.invalidParameters(
                "Invalid parameters: there are no sockets of " + call.string("impl_name") + "; there are those of posix");
        }
    }

    private Object get(RpcCall call) throws StorageException {
        check(call);
        Map<String, Object> answer = sizes(network.buffers());
        answer.put("enable_recv_pipe", false);
        answer.put("enable_quickack", false);
        answer.put("enable_placement_id", 0L);
        answer.put("enable_zerocopy_send_server", false);
        answer.put("enable_zerocopy_send_client", false);
        answer.put("zerocopy_threshold", 0L);
        answer.put("tls_version", 0L);
        answer.put("enable_ktls", false);
        return answer;
    }

    private static Map<String, Object> sizes(SocketBuffers buffers) {
        Map<String, Object> sizes = new LinkedHashMap<>();
        sizes.put("recv_buf_size", (long) buffers.receiveBytes());
        sizes.put("send_buf_size", (long) buffers.sendBytes());
        return sizes;
    }

    private Object set(RpcCall call) throws StorageException {
        if (call.number("tls_version", 0) != 0 || call.flag("enable_ktls", false)) {
            throw RpcError.invalidParameters("Invalid parameters: there is no TLS");
        } else if (OTHERS.contains(call.string("impl_name"))) {
            return true;
        }
        check(call);
        SocketBuffers now = network.buffers();
        network.buffers(new SocketBuffers(
            bytes(call, "recv_buf_size", now.receiveBytes()), bytes(call, "send_buf_size", now.sendBytes())));
        return true;
    }

    private static int bytes(RpcCall call, String name, int otherwise) throws StorageException {
        long bytes = call.number(name, otherwise);
        if (bytes > MOST_BYTES) {
            throw RpcError.invalidParameters("Invalid parameters: " + name + " is " + bytes + ", which is above " + MOST_BYTES);
        }
        return (int) bytes;
    }

    /** The calls that make it so again. */
    List<Call> calls() {
        if (network.buffers().equals(SocketBuffers.BY_KERNEL)) {
            return List.of();
        }
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("impl_name", POSIX);
        parameters.putAll(sizes(network.buffers()));
        return List.of(new Call("sock_impl_set_options", parameters));
    }
}
