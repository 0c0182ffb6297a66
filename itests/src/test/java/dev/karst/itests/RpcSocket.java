package dev.karst.itests;

import dev.karst.rpc.json.Json;
import dev.karst.rpc.json.JsonException;
import dev.karst.rpc.json.JsonReader;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/** A client of an instance's socket. One thread. */
final class RpcSocket implements AutoCloseable {
    private static final JsonReader.Limits LIMITS = new JsonReader.Limits(64 << 20, 4 << 20);

    private final SocketChannel channel;
    private final JsonReader answers;

    RpcSocket(Path socket) throws IOException {
        channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
        answers = JsonReader.of(Channels.newInputStream(channel), LIMITS);
    }

    /**
     * Calls a method and gives its result.
     *
     * @throws IOException when the connection ends before the answer
     * @throws AssertionError when the answer is an error
     */
    Object call(String method, Map<String, Object> parameters) throws IOException {
        Map<?, ?> answer = answer(method, parameters);
        if (answer.get("error") != null) {
            throw new AssertionError(method + parameters + " gave " + answer.get("error"));
        }
        return answer.get("result");
    }

    /** Calls a method that must fail, and gives its error. */
    Map<?, ?> error(String method, Map<String, Object> parameters) throws IOException {
        Map<?, ?> answer = answer(method, parameters);
        if (answer.get("error") instanceof Map<?, ?> error) {
            return error;
        }
        throw new AssertionError(method + parameters + " gave " + answer.get("result"));
    }

    private Map<?, ?> answer(String method, Map<String, Object> parameters) throws IOException {
        String request = Json.text(Map.of("jsonrpc", "2.0", "id", 1L, "method", method, "params", parameters));
        for (ByteBuffer bytes = ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8)); bytes.hasRemaining();) {
            channel.write(bytes);
        }
        return (Map<?, ?>) receive();
    }

    private Object receive() throws IOException {
        try {
            if (answers.next()) {
                return answers.document();
            }
        } catch (JsonException e) {
            throw new IOException(e);
        }
        throw new IOException("the connection ended");
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
