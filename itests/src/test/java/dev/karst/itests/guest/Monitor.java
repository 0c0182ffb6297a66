package dev.karst.itests.guest;

import dev.karst.itests.rpc.SocketClient;
import dev.karst.rpc.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** A client of the machine protocol (QMP) of a guest that was started with {@link #option}. One thread. */
final class Monitor implements AutoCloseable {
    private final SocketClient client;
    private final Set<Object> events = new HashSet<>();

    /** Of QEMU, which then listens there. */
    static String[] option(Path socket) {
        return new String[] {"-qmp", "unix:" + socket + ",server=on,wait=off"};
    }

    Monitor(Path socket) throws IOException {
        client = new SocketClient(socket);
        receive();
        call("qmp_capabilities", Map.of());
    }

    /** Gives a command and waits until it is done; fails unless it succeeds. */
    void call(String command, Map<String, Object> arguments) throws IOException {
        Map<?, ?> answer = answer(command, arguments);
        if (!answer.containsKey("return")) {
            throw new AssertionError(command + arguments + " gave " + answer);
        }
    }

    /** Gives a command, and whether it succeeds. */
    boolean succeeds(String command, Map<String, Object> arguments) throws IOException {
        return answer(command, arguments).containsKey("return");
    }

    /** What a query without arguments is answered with, by its keys. */
    Map<?, ?> query(String command) throws IOException {
        return (Map<?, ?>) answer(command, Map.of()).get("return");
    }

    private Map<?, ?> answer(String command, Map<String, Object> arguments) throws IOException {
        client.send(Json.text(Map.of("execute", command, "arguments", arguments)).getBytes(StandardCharsets.UTF_8));
        Map<?, ?> answer = receive();
        while (answer.containsKey("event")) {
            events.add(answer.get("event"));
            answer = receive();
        }
        return answer;
    }

    /** Waits for an event, unless it has come. */
    void await(String event) throws IOException {
        while (!events.contains(event)) {
            events.add(receive().get("event"));
        }
    }

    private Map<?, ?> receive() throws IOException {
        return (Map<?, ?>) client.receive();
    }

    @Override
    public void close() throws IOException {
        client.close();
    }
}
