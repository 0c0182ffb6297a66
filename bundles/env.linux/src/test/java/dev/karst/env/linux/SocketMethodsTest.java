package dev.karst.env.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.StorageException;
import dev.karst.env.ServerSocket;
import dev.karst.rpc.RpcChecks;
import dev.karst.rpc.RpcError;
import dev.karst.rpc.RpcMethod;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** SPDK's methods about sockets, and what they do to sockets. */
class SocketMethodsTest {
    private static final Map<String, Object> POSIX = Map.of("impl_name", "posix");

    private final LinuxEnvironment environment = new LinuxEnvironment();

    @AfterEach
    void tearDown() {
        environment.close();
    }

    private Object call(String name, Map<String, Object> parameters) throws StorageException {
        RpcMethod found = environment.methods().stream().filter(method -> method.name().equals(name)).findFirst().orElseThrow();
        return found.handler().call(RpcChecks.check(found, parameters));
    }

    @Test
    void shouldHaveTheSizeThatWasSetWhenASocketListens() throws Exception {
        int usual = unread();
        call("sock_impl_set_options", Map.of("impl_name", "posix", "recv_buf_size", 4096L));
        int small = unread();
        assertTrue(small < usual / 2, "a peer can send " + small + " bytes unread, and usually " + usual);
        assertEquals(4096L, ((Map<?, ?>) call("sock_impl_get_options", POSIX)).get("recv_buf_size"));
        assertEquals(List.of(Map.of("impl_name", "posix", "recv_buf_size", 4096L, "send_buf_size", 0L)),
            environment.calls().stream().map(each -> each.parameters()).toList());
    }

    /** How many bytes a peer can send that nobody reads. */
    private int unread() throws Exception {
        ServerSocket server = environment.network().listen("127.0.0.1", 0, 1);
        try (SocketChannel peer = SocketChannel.open()) {
            peer.setOption(StandardSocketOptions.SO_SNDBUF, 4096);
            peer.connect(new InetSocketAddress("127.0.0.1", server.port()));
            peer.configureBlocking(false);
            int sent = 0;
            int more;
            do {
                more = peer.write(ByteBuffer.allocate(1024));
                sent += more;
            } while (more > 0);
            return sent;
        } finally {
            server.close();
        }
    }

    @Test
    void shouldRefuseWhatThereIsNotWhenAskedForIt() throws Exception {
        assertEquals(POSIX, call("sock_get_default_impl", Map.of()));
        assertEquals(true, call("sock_set_default_impl", POSIX));
        refused("sock_set_default_impl", Map.of("impl_name", "uring"));
        refused("sock_impl_get_options", Map.of("impl_name", "ssl"));
        refused("sock_impl_set_options", Map.of("impl_name", "posix", "tls_version", 13L));
        refused("sock_impl_set_options", Map.of("impl_name", "ssl", "tls_version", 13L));
        refused("sock_impl_set_options", Map.of("impl_name", "vpp"));
        refused("sock_impl_set_options", Map.of("impl_name", "posix", "send_buf_size", 1L << 31));
    }

    @Test
    void shouldPassOverOptionsOfSpdksOtherImplementations() throws Exception {
        assertEquals(true, call("sock_impl_set_options", Map.of("impl_name", "ssl", "recv_buf_size", 4096L, "tls_version", 0L)));
        assertEquals(List.of(), environment.calls());
    }

    private void refused(String method, Map<String, Object> parameters) {
        assertEquals(RpcError.INVALID_PARAMS, assertThrows(StorageException.class, () -> call(method, parameters)).code());
    }
}
