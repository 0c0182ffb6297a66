package dev.karst.itests.guest;

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
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** A client of the machine protocol (QMP) of a guest that was started with {@link #option}. One thread. */
final class Monitor implements AutoCloseable {
    private static final JsonReader.Limits LIMITS = new JsonReader.Limits(1 << 20, 1 << 20);

    private final SocketChannel channel;
    private final JsonReader answers;
    private final Set<Object> events = new HashSet<>();

    /** Of QEMU, which then listens there. */
    static String[] option(Path socket) {
        return new String[] {"-qmp", "unix:" + socket + ",server=on,wait=off"};
    }

    Monitor(Path socket) throws IOException {
        channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
        answers = JsonReader.of(Channels.newInputStream(channel), LIMITS);
        receive();
        call("qmp_capabilities", Map.of());
    }

    /** Gives a command and waits until it is done; fails unless it succeeds. */
    void call(String command, Map<String, Object> arguments) throws IOException {
        String request = Json.text(Map.of("execute", command, "arguments", arguments));
        for (ByteBuffer bytes = ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8)); bytes.hasRemaining();) {
            channel.write(bytes);
        }
        Map<?, ?> answer = receive();
        while (answer.containsKey("event")) {
            events.add(answer.get("event"));
            answer = receive();
        }
        if (!answer.containsKey("return")) {
            throw new AssertionError(command + arguments + " gave " + answer);
        }
    }

    /** Waits for an event, unless it has come. */
    void await(String event) throws IOException {
        while (!events.contains(event)) {
            events.add(receive().get("event"));
        }
    }

    private Map<?, ?> receive() throws IOException {
        try {
            if (answers.next()) {
                return (Map<?, ?>) answers.document();
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
