package dev.karst.rpc.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.rpc.RpcMethod.Role;
import dev.karst.rpc.RpcUser;
import dev.karst.rpc.json.JsonException;
import dev.karst.rpc.json.JsonReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SocketServerTest {
    private final Fixture fixture = new Fixture();
    private Path path;
    private SocketServer server;

    /** A client that reads documents. */
    private static final class Client implements AutoCloseable {
        private final SocketChannel channel;
        private final JsonReader reader;

        Client(Path path) throws IOException {
            channel = SocketChannel.open(UnixDomainSocketAddress.of(path));
            reader = JsonReader.of(Channels.newInputStream(channel), new JsonReader.Limits(64 << 20, 100_000));
        }

        void send(String text) throws IOException {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }

        Map<?, ?> receive() throws IOException, JsonException {
            assertTrue(reader.next(), "the server closed");
            return (Map<?, ?>) reader.document();
        }

        Object error() throws IOException, JsonException {
            return receive().get("error");
        }

        /** The server closed; unread input turns the end into a reset. */
        boolean isClosed() throws JsonException {
            try {
                return !reader.next();
            } catch (IOException e) {
                return true;
            }
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    @BeforeEach
    void start(@TempDir Path folder) throws IOException {
        path = folder.resolve("new").resolve("karst.sock");
        server = start(path, 3, 30_000);
    }

    private SocketServer start(Path at, int connections, long requestMs) throws IOException {
        SocketServer.Bounds bounds = new SocketServer.Bounds(connections, requestMs);
        SocketServer started = new SocketServer(SocketFile.listen(at), new Dispatcher(fixture.registry), bounds);
        started.start();
        return started;
    }

    @AfterEach
    void stop() throws IOException {
        fixture.slowMayEnd.countDown();
        server.close();
    }

    private static String call(long id, String method) {
        return "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"" + method + "\"}";
    }

    private static String create(long id, String name) {
        return "{\n\t\"jsonrpc\": \"2.0\",\n\t\"id\": " + id + ",\n\t\"method\": \"thing_create\",\n\t\"params\": {\n\t\t\"name\": \"" + name
            + "\"\n\t}\n}";
    }

    @Test
    void shouldAnswerInOrderWhenRequestsArePipelined() throws Exception {
        try (Client client = new Client(path)) {
            client.send(create(1, "a") + create(2, "b") + "\n" + call(3, "thing_list"));
            assertEquals("a", client.receive().get("result"));
            assertEquals("b", client.receive().get("result"));
            assertEquals(List.of("a", "b"), client.receive().get("result"));
        }
    }

    @Test
    void shouldAnswerOthersFirstWhenOneRunsLong() throws Exception {
        try (Client client = new Client(path)) {
            client.send(call(1, "thing_wait") + call(2, "thing_list"));
            assertEquals(2L, client.receive().get("id"));
            assertTrue(Fixture.await(fixture.slowEntered));
            fixture.slowMayEnd.countDown();
            assertEquals(1L, client.receive().get("id"));
        }
    }

    @Test
    void shouldAnswerAllWhenClientHasEndedItsInput() throws Exception {
        try (Client client = new Client(path)) {
            client.send(call(1, "thing_wait") + call(2, "thing_list"));
            client.channel.shutdownOutput();
            assertEquals(2L, client.receive().get("id"));
            fixture.slowMayEnd.countDown();
            assertEquals(1L, client.receive().get("id"));
            assertTrue(client.isClosed());
        }
    }

    @Test
    void shouldReadOnWhenMethodIsUnknown() throws Exception {
        try (Client client = new Client(path)) {
            client.send(call(1, "none") + call(2, "thing_list"));
            assertEquals(Map.of("code", -32601L, "message", "Method not found"), client.error());
            assertEquals(2L, client.receive().get("id"));
        }
    }

    @Test
    void shouldAnswerAndCloseWhenInputIsNoJson() throws Exception {
        try (Client client = new Client(path)) {
            client.send(call(1, "thing_list") + "{\"jsonrpc\" 2}" + call(2, "thing_list"));
            assertEquals(1L, client.receive().get("id"));
            Map<?, ?> refusal = client.receive();
            assertEquals(null, refusal.get("id"));
            assertEquals(-32700L, ((Map<?, ?>) refusal.get("error")).get("code"));
            assertTrue(client.isClosed());
        }
    }

    @Test
    void shouldRefuseWhenRequestIsTooLong() throws Exception {
        try (Client client = new Client(path)) {
            client.send(create(1, "a".repeat(1 << 20)));
            assertRefused(client, "longer than 1048576 bytes");
            assertTrue(client.isClosed());
        }
    }

    @Test
    void shouldRefuseWhenRequestHasTooManyValues() throws Exception {
        try (Client client = new Client(path)) {
            client.send("[" + "1,".repeat(8192) + "1]");
            assertRefused(client, "more than 8192 values");
        }
    }

    private static void assertRefused(Client client, String word) throws Exception {
        Map<?, ?> error = (Map<?, ?>) client.error();
        assertEquals(-32600L, error.get("code"));
        assertTrue(error.get("message").toString().contains(word), error.toString());
    }

    @Test
    void shouldSendAllWhenAnswerIsLarge() throws Exception {
        try (Client client = new Client(path)) {
            client.send(call(1, "thing_large"));
            assertEquals(40 << 20, ((String) client.receive().get("result")).length());
        }
    }

    @Test
    void shouldEndConnectionWhenRequestIsNotWholeInTime() throws Exception {
        server.close();
        server = start(path, 2, 100);
        try (Client idle = new Client(path); Client slow = new Client(path)) {
            idle.send(call(1, "thing_list"));
            idle.receive();
            slow.send(call(1, "thing_list") + "{\"jsonrpc\":");
            assertEquals(1L, slow.receive().get("id"));
            assertRefused(slow, "not whole after 100 ms");
            assertTrue(slow.isClosed());
            idle.send(call(2, "thing_list"));
            assertEquals(2L, idle.receive().get("id"));
        }
    }

    @Test
    void shouldRefuseWhenThereAreTooManyConnections() throws Exception {
        List<Client> clients = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Client client = new Client(path);
            clients.add(client);
            client.send(call(i, "thing_list"));
            client.receive();
        }
        try (Client refused = new Client(path)) {
            assertTrue(refused.error().toString().contains("3 connections are open"));
            assertTrue(refused.isClosed());
        }
        for (Client client : clients) {
            client.close();
        }
    }

    @Test
    void shouldServeOthersWhenOneClientLeavesMidway() throws Exception {
        for (int i = 0; i < 50; i++) {
            try (Client client = new Client(path)) {
                client.send(call(1, "thing_list") + "{\"jsonrpc\":");
                assertTrue(client.receive().containsKey("result") || i > 0);
            }
        }
    }

    @Test
    void shouldBeClosedToOthersWhenMade() throws IOException {
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(path.getParent())));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(path.resolveSibling("karst.sock.lock"))));
        assertFalse(Files.exists(path.resolveSibling("karst.sock~")));
    }

    @Test
    void shouldRefuseWhenAnotherServerHasThePath() {
        IOException e = assertThrows(IOException.class, () -> SocketFile.listen(path));
        assertTrue(e.getMessage().startsWith("another server uses " + path), e.getMessage());
    }

    @Test
    void shouldRefuseWhenSomethingAnswersThereWithoutOurLock(@TempDir Path folder) throws IOException {
        Path other = folder.resolve("s");
        try (ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.bind(UnixDomainSocketAddress.of(other));
            IOException e = assertThrows(IOException.class, () -> SocketFile.listen(other));
            assertTrue(e.getMessage().contains("it answers"), e.getMessage());
        }
    }

    @Test
    void shouldReplaceSocketWhenItIsStale(@TempDir Path folder) throws Exception {
        Path stale = folder.resolve("s");
        ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(stale)).close();
        SocketServer second = start(stale, 1, 30_000);
        try (Client client = new Client(stale)) {
            client.send(call(1, "thing_list"));
            assertEquals(1L, client.receive().get("id"));
        } finally {
            second.close();
        }
    }

    @Test
    void shouldRefuseWhenSomethingElseIsAtThePath(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("s"), "keep me");
        assertThrows(IOException.class, () -> SocketFile.listen(file));
        assertEquals("keep me", Files.readString(file));
    }

    @Test
    void shouldRefuseWhenPathIsTooLong(@TempDir Path folder) {
        IOException e = assertThrows(IOException.class, () -> SocketFile.listen(folder.resolve("x".repeat(108))));
        assertTrue(e.getMessage().contains("too long"), e.getMessage());
    }

    @Test
    void shouldFinishCallAndRemoveSocketWhenClosed() throws Exception {
        try (Client client = new Client(path)) {
            client.send(call(1, "thing_wait"));
            assertTrue(Fixture.await(fixture.slowEntered));
            fixture.slowMayEnd.countDown();
            server.close();
            assertEquals(1L, client.receive().get("id"));
            assertTrue(client.isClosed());
        }
        assertFalse(Files.exists(path));
    }

    @Test
    void shouldListenAgainWhenClosedBefore() throws Exception {
        server.close();
        server = start(path, 1, 30_000);
        try (Client client = new Client(path)) {
            client.send(call(1, "thing_list"));
            assertEquals(1L, client.receive().get("id"));
        }
    }

    @Test
    void shouldTrustOwnUserAndRootOnly() {
        UserPrincipal own = () -> "karst";
        UserPrincipal root = () -> "root";
        UserPrincipal other = () -> "other";
        assertEquals(Optional.of(new RpcUser("karst", "socket", Role.ADMIN)), Peer.user(own, own));
        assertEquals(Optional.of(new RpcUser("root", "socket", Role.ADMIN)), Peer.user(root, own));
        assertEquals(Optional.empty(), Peer.user(other, own));
    }
}
