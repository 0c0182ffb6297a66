package dev.karst.launcher;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Calls methods over a unix socket, each on a connection of its own. JSON-RPC 2.0. */
record RpcClient(Path socket) {
    /**
     * Calls a method and waits for its result.
     *
     * @throws RpcException if the server refuses, or nobody listens on the socket
     * @throws IOException if the connection breaks
     */
    Object call(String method, Map<String, Object> parameters) throws IOException, RpcException {
        try (SocketChannel channel = connect()) {
            ByteBuffer request = StandardCharsets.UTF_8.encode(Json.format(request(method, parameters)));
            while (request.hasRemaining()) {
                channel.write(request);
            }
            Object response = Json.read(Channels.newReader(channel, StandardCharsets.UTF_8));
            return result(method, parameters, response);
        }
    }

    private SocketChannel connect() throws IOException, RpcException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.connect(UnixDomainSocketAddress.of(socket));
            return channel;
        } catch (IOException e) {
            channel.close();
            throw new RpcException("nobody listens on " + socket + " (" + e.getMessage() + "); karst up starts it");
        }
    }

    private static Map<String, Object> request(String method, Map<String, Object> parameters) {
        Map<String, Object> request = new LinkedHashMap<>();
        request.put("jsonrpc", "2.0");
        request.put("id", 1);
        request.put("method", method);
        if (!parameters.isEmpty()) {
            request.put("params", parameters);
        }
        return request;
    }

    private static Object result(String method, Map<String, Object> parameters, Object response)
        throws IOException, RpcException {
        if (!(response instanceof Map<?, ?> fields)) {
            throw new IOException("the answer is no JSON-RPC response: " + Json.format(response));
        }
        if (fields.get("error") instanceof Map<?, ?> error) {
            throw new RpcException(Refusal.describe(method, parameters, error));
        }
        return fields.get("result");
    }
}
