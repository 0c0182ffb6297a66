package dev.karst.itests.stack;

import dev.karst.base.StorageException;
import dev.karst.itests.rpc.HttpClient;
import dev.karst.nvmf.core.rpc.NvmfManagement;
import dev.karst.reactor.IdlePolicy;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.core.JsonRpcServer;
import dev.karst.rpc.core.WhiteboardRegistry;
import dev.karst.rpc.http.HttpRpcServer;
import dev.karst.rpc.http.HttpUsers;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** All layers on the real machine, and above them the registry with both its transports. */
final class ManagedStack implements AutoCloseable {
    private static final String USER = "root";
    private static final String PASSWORD = "a password for tests";

    final Path socket;
    private final int port = freePort();
    private final Stack stack = new Stack(IdlePolicy.INTERRUPT);
    private final WhiteboardRegistry registry = new WhiteboardRegistry(Framework.context());
    private final JsonRpcServer socketServer;
    private final HttpRpcServer httpServer;

    /** A second for each request, so that waiting for the end of one is short. */
    private record Given(String socket, int http_port, String http_users) implements JsonRpcServer.Settings {
        @Override
        public int max_connections() {
            return 64;
        }

        @Override
        public int request_seconds() {
            return 1;
        }

        @Override
        public String http_address() {
            return "127.0.0.1";
        }

        @Override
        public int http_max_requests() {
            return 64;
        }

        @Override
        public Class<JsonRpcServer.Settings> annotationType() {
            return JsonRpcServer.Settings.class;
        }
    }

    ManagedStack(Path folder) throws StorageException, IOException {
        registry.setJournal(new Framework.NothingKept());
        socket = folder.resolve("rpc.sock");
        HttpUsers users = new HttpUsers(folder.resolve("rpc.users"));
        List<RpcMethod> layers = stack.methods();
        registry.addMethods(() -> layers);
        registry.addMethods(users);
        registry.addSource(new NvmfManagement(stack.target));
        call("karst_rpc_set_user", Map.of("name", USER, "role", "admin", "password", PASSWORD));
        Given settings = new Given(socket.toString(), port, "");
        socketServer = new JsonRpcServer(registry, settings);
        httpServer = new HttpRpcServer(registry, users, settings);
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    Object call(String method, Map<String, Object> parameters) throws StorageException {
        return registry.call(method, parameters);
    }

    HttpClient http() throws IOException {
        return new HttpClient(port, USER, PASSWORD);
    }

    /** What is held now and must be given back. */
    Map<String, Long> holdings() throws StorageException {
        return stack.holdings();
    }

    @Override
    public void close() {
        httpServer.stop();
        socketServer.stop();
        stack.close();
    }
}
