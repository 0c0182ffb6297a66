package dev.karst.itests.rpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A client that calls all the time, checks each answer, and looks how long the longest took. */
public final class RpcNeighbour implements AutoCloseable {
    private static final long LONGEST_MS = 3000;

    private final RpcClient client;
    private final Thread thread;
    private volatile boolean stopping;
    private volatile String failure = "";
    private volatile long calls;
    private long longestNanos;

    /** A neighbour that calls from now on. */
    public RpcNeighbour(RpcClient.Way way) throws IOException {
        client = way.connect();
        thread = Thread.ofVirtual().start(this::run);
    }

    private void run() {
        try {
            while (!stopping) {
                long id = calls + 1;
                long start = System.nanoTime();
                String request = "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"spdk_get_version\"}";
                client.send(request.getBytes(StandardCharsets.UTF_8));
                Object answer = client.receive();
                longestNanos = Math.max(longestNanos, System.nanoTime() - start);
                assertEquals(id, ((Map<?, ?>) answer).get("id"));
                calls = id;
                TimeUnit.MILLISECONDS.sleep(1);
            }
        } catch (IOException | InterruptedException | RuntimeException | AssertionError e) {
            failure = e.toString();
        }
    }

    /** Fails unless all went well and no answer took more than a second. */
    public void check() throws InterruptedException {
        stopping = true;
        thread.join();
        assertEquals("", failure);
        assertTrue(calls > 0, "no call has ended");
        assertTrue(longestNanos < TimeUnit.MILLISECONDS.toNanos(LONGEST_MS), "an answer took " + longestNanos + " ns");
    }

    @Override
    public void close() throws IOException {
        stopping = true;
        client.close();
    }
}
