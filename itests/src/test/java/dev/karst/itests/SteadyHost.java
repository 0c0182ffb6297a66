package dev.karst.itests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.karst.nvmf.testkit.Bytes;
import dev.karst.nvmf.testkit.NvmeTcpHost;
import dev.karst.nvmf.testkit.SocketWire;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * A host that connects once and does I/O without a break on namespaces 1 and 2, each by a queue of its own with several commands at a
 * time, and reads what it wrote.
 * It never connects again: an error, a wrong answer or the end of a connection is a failure of {@link #end}.
 */
final class SteadyHost implements AutoCloseable {
    private static final int QUEUES = 2;
    private static final int DEPTH = 16;
    private static final int BLOCK = 512;
    private static final int EVENT_CID = 900;
    private static final int NAMESPACE_NOTICES = 0x100;

    private final NvmeTcpHost admin;
    private final NvmeTcpHost[] queues = new NvmeTcpHost[QUEUES];
    private final CompletableFuture<?>[] work = new CompletableFuture<?>[QUEUES];
    private volatile boolean ending;
    private volatile long longestNanos;
    private volatile long commands;

    SteadyHost(int port, String subsystem, String name) throws IOException {
        admin = new NvmeTcpHost(new SocketWire("127.0.0.1", port));
        admin.initialize(true, true);
        assertEquals(0, admin.connect(subsystem, name, 0, 32).status());
        admin.enable();
        Bytes wanted = NvmeTcpHost.sqe(0x09, 0, 0, false).set(40, 1, 0x0b).set(44, 4, NAMESPACE_NOTICES);
        assertEquals(0, admin.execute(wanted, new byte[0], false).status());
        admin.send(admin.capsule(NvmeTcpHost.sqe(0x0c, 0, 0, false).set(2, 2, EVENT_CID), new byte[0]));
        for (int i = 0; i < QUEUES; i++) {
            queues[i] = new NvmeTcpHost(new SocketWire("127.0.0.1", port));
            queues[i].initialize(i == 0, i == 0);
            queues[i].controllerId(admin.controllerId());
            assertEquals(0, queues[i].connect(subsystem, name, i + 1, 64).status());
        }
    }

    /** Begins with I/O. */
    void begin() {
        for (int i = 0; i < QUEUES; i++) {
            int queue = i;
            work[i] = CompletableFuture.runAsync(() -> run(queue), task -> new Thread(task, "steady-" + queue).start());
        }
    }

    private void run(int queue) {
        try {
            for (int round = 1; !ending; round++) {
                round(queues[queue], queue + 1, round);
            }
        } catch (IOException e) {
            throw new AssertionError("queue " + queue + ": " + e, e);
        }
    }

    /** Writes some blocks at once, a half of them with data in the capsule, then reads them. */
    private void round(NvmeTcpHost host, int nsid, int round) throws IOException {
        Set<Integer> inFlight = new HashSet<>();
        byte[] block = new byte[BLOCK];
        Arrays.fill(block, (byte) round);
        for (int i = 0; i < DEPTH; i++) {
            boolean inCapsule = i % 2 == 0;
            int cid = host.cid();
            Bytes write = NvmeTcpHost.sqe(0x01, nsid, BLOCK, inCapsule).set(2, 2, cid).set(40, 8, i);
            host.send(host.capsule(write, inCapsule ? block : new byte[0]));
            inFlight.add(cid);
        }
        while (!inFlight.isEmpty()) {
            long begin = System.nanoTime();
            NvmeTcpHost.Received pdu = host.receive();
            longest(System.nanoTime() - begin);
            Bytes header = pdu.header();
            if (pdu.type() == NvmeTcpHost.R2T) {
                host.send(host.hostData(header.u16(8), header.u16(10), 0, block, true));
            } else {
                assertEquals(NvmeTcpHost.CAPSULE_RESP, pdu.type());
                assertEquals(0, header.u16(22) >> 1, "status of a write");
                inFlight.remove(header.u16(20));
            }
        }
        for (int i = 0; i < DEPTH; i++) {
            long begin = System.nanoTime();
            NvmeTcpHost.Completion read = host.read(nsid, i, 1, BLOCK);
            longest(System.nanoTime() - begin);
            assertEquals(0, read.status(), "status of a read");
            assertArrayEquals(block, read.data(), "what was written and acknowledged");
        }
        commands += 2L * DEPTH;
    }

    private synchronized void longest(long nanos) {
        longestNanos = Math.max(longestNanos, nanos);
    }

    /** The longest wait for an answer since this was asked last, in milliseconds. */
    synchronized long longestMs() {
        long longest = longestNanos;
        longestNanos = 0;
        return longest / 1_000_000;
    }

    /** Commands that have ended. */
    long commands() {
        return commands;
    }

    /** Fails if a queue has failed. */
    void check() throws Exception {
        for (CompletableFuture<?> queue : work) {
            if (queue.isDone()) {
                queue.get();
            }
        }
    }

    /** Ends the I/O, and fails if any of it failed. */
    void end() throws Exception {
        ending = true;
        for (CompletableFuture<?> queue : work) {
            try {
                queue.get(60, TimeUnit.SECONDS);
            } catch (ExecutionException e) {
                throw new AssertionError(e.getCause().getMessage(), e.getCause());
            }
        }
    }

    /** The request for events, which has been out since the beginning, ends with news of a namespace. */
    void expectNamespaceEvent() throws IOException {
        Bytes event = admin.receive().header();
        assertEquals(EVENT_CID, event.u16(20));
        assertEquals(0x040002, event.u32(8));
    }

    @Override
    public void close() throws IOException {
        ending = true;
        admin.close();
        for (NvmeTcpHost queue : queues) {
            queue.close();
        }
    }
}
