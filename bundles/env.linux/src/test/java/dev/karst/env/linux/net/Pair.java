package dev.karst.env.linux.net;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.karst.base.IoVector;
import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.Environment;
import dev.karst.env.EventSet;
import dev.karst.env.Readiness;
import dev.karst.env.Region;
import dev.karst.env.ServerSocket;
import dev.karst.env.StreamSocket;
import dev.karst.env.kit.Waiting;
import java.nio.charset.StandardCharsets;

/** Two ends of a connection over loopback, with memory to send from and to receive into. */
public record Pair(Environment environment, Region memory, StreamSocket client, StreamSocket accepted) {
    private static final int HALF = 1 << 20;
    private static final String LOOPBACK = "127.0.0.1";

    private static final Readiness NOTHING = new Readiness() {
        @Override
        public void readable() {}
    };

    /** Connects. */
    public static Pair open(Environment environment) throws StorageException {
        ServerSocket server = environment.network().listen(LOOPBACK, 0, 16);
        StreamSocket client = environment.network().connect(LOOPBACK, server.port());
        StreamSocket accepted = accept(environment, server);
        server.close();
        return new Pair(environment, environment.memory().allocate("pair", 2 * HALF), client, accepted);
    }

    /** Waits for a connection. */
    public static StreamSocket accept(Environment environment, ServerSocket server) throws StorageException {
        EventSet events = environment.openEventSet();
        server.watch(events, NOTHING);
        StreamSocket accepted = server.accept();
        while (accepted == null) {
            Waiting.sleep(environment, events);
            accepted = server.accept();
        }
        server.unwatch();
        events.close();
        return accepted;
    }

    /** Waits until the socket has something for a reader. */
    public static void untilReadable(Environment environment, StreamSocket socket) throws StorageException {
        var readable = new boolean[1];
        EventSet events = environment.openEventSet();
        socket.watch(events, new Readiness() {
            @Override
            public void readable() {
                readable[0] = true;
            }
        });
        while (!readable[0]) {
            Waiting.sleep(environment, events);
        }
        socket.unwatch();
        events.close();
    }

    /** Waits until the accepted end has something to read; nobody else may watch it then. */
    public void untilArrived() throws StorageException {
        untilReadable(environment, accepted);
    }

    /** Sends from the client. */
    public void send(String text) {
        assertEquals(text.length(), write(client, text));
    }

    /** One write. */
    public int write(StreamSocket socket, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        Mem.put(memory.address(), bytes, 0, bytes.length);
        var data = new IoVector(1);
        data.set(memory.address(), bytes.length);
        return socket.write(data, 0);
    }

    /** One read, when there is something. */
    public String read(StreamSocket socket) throws StorageException {
        untilReadable(environment, socket);
        int count = socket.read(memory.address() + HALF, HALF);
        var bytes = new byte[Math.max(0, count)];
        Mem.get(memory.address() + HALF, bytes, 0, bytes.length);
        return count < 0 ? "error " + count : new String(bytes, StandardCharsets.US_ASCII);
    }

    /** One read into the upper half. */
    public int readRaw(StreamSocket socket) {
        return socket.read(memory.address() + HALF, HALF);
    }

    /** Closes all. */
    public void close() {
        client.close();
        accepted.close();
        environment.memory().free(memory);
    }
}
