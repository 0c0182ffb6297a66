package dev.karst.itests.spdk;

import dev.karst.base.StorageException;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.core.JsonRpcServer;
import dev.karst.rpc.json.JsonException;
import dev.karst.rpc.json.JsonReader;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** All layers behind a socket, as clients of SPDK expect them. */
final class ServedSocket implements AutoCloseable {
    private static final JsonReader.Limits ANSWER = new JsonReader.Limits(32 << 20, 1 << 20);

    final Path path;
    private final ComposedStack stack = new ComposedStack();
    private final JsonRpcServer server;

    ServedSocket(Path path) throws StorageException {
        this.path = path;
        server = new JsonRpcServer(stack.registry(), settings(path));
    }

    /** The socket's path; all else as it is by itself. */
    private static JsonRpcServer.Settings settings(Path path) {
        return (JsonRpcServer.Settings) Proxy.newProxyInstance(
            ServedSocket.class.getClassLoader(), new Class<?>[] {JsonRpcServer.Settings.class},
            (proxy, method, given) -> method.getName().equals("socket") ? path.toString() : method.getDefaultValue());
    }

    /** The names of all methods. */
    List<String> methods() {
        return stack.registry().methods().stream().map(RpcMethod::name).toList();
    }

    Connection connect() throws IOException {
        return new Connection(path);
    }

    /** Makes one call on a connection of its own. Gives what {@link Connection#receive} does. */
    Map<?, ?> call(String request) throws IOException, JsonException {
        try (Connection connection = connect()) {
            connection.send(request);
            return connection.receive();
        }
    }

    /** A client's connection. */
    static final class Connection implements AutoCloseable {
        private final SocketChannel channel;
        private final JsonReader reader;

        private Connection(Path path) throws IOException {
            channel = SocketChannel.open(UnixDomainSocketAddress.of(path));
            reader = JsonReader.of(Channels.newInputStream(channel), ANSWER);
        }

        void send(String text) throws IOException {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }

        /** The next document. */
        Object document() throws IOException, JsonException {
            if (!reader.next()) {
                throw new IOException("the server closed");
            }
            return reader.document();
        }

        /** The next answer. */
        Map<?, ?> receive() throws IOException, JsonException {
            return (Map<?, ?>) document();
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    @Override
    public void close() {
        server.stop();
        stack.close();
    }
}
