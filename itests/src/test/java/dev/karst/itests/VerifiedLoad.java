package dev.karst.itests;

import dev.karst.nvmf.testkit.NvmeTcpHost;
import dev.karst.nvmf.testkit.SocketWire;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A host that writes and reads each of its namespaces without a pause, from a thread for each, and knows what every block must
 * hold. It never connects again: a connection that ends is a failure.
 */
public final class VerifiedLoad implements AutoCloseable {
    private static final String HOST = "nqn.2026-11.dev.karst:verified";
    private static final int BLOCK_BYTES = 512;
    private static final int BLOCKS = 256;
    private static final int PATIENCE_MS = 20_000;

    private final NvmeTcpHost admin;
    private final List<Worker> workers = new ArrayList<>();
    private volatile boolean ending;
    private volatile Throwable failure;

    /** Connects, and begins. */
    public VerifiedLoad(int port, String nqn, int namespaces) throws IOException {
        admin = connect(port, nqn, null, 0);
        admin.enable();
        for (int nsid = 1; nsid <= namespaces; nsid++) {
            workers.add(new Worker(nsid, connect(port, nqn, admin, nsid)));
        }
        workers.forEach(Thread::start);
    }

    /** A connection that is ready for commands: of an admin queue, which is not enabled yet, or of an I/O queue of its controller. */
    public static NvmeTcpHost connect(int port, String nqn, NvmeTcpHost admin, int qid) throws IOException {
        NvmeTcpHost host = new NvmeTcpHost(new SocketWire("127.0.0.1", port));
        host.patience(PATIENCE_MS);
        host.initialize(false, false);
        if (admin != null) {
            host.controllerId(admin.controllerId());
        }
        check("Connect", host.connect(nqn, HOST, qid, 32));
        return host;
    }

    /** A completion that must be a success. */
    public static NvmeTcpHost.Completion check(String what, NvmeTcpHost.Completion completion) throws IOException {
        if (completion.status() != 0) {
            throw new IOException("%s ended with status %x".formatted(what, completion.status()));
        }
        return completion;
    }

    /** One namespace and its queue. */
    private final class Worker extends Thread {
        private final int nsid;
        private final NvmeTcpHost queue;
        private final long[] model = new long[BLOCKS];
        private final AtomicLong longestNanos = new AtomicLong();
        private final AtomicLong done = new AtomicLong();
        private long stamp;

        Worker(int nsid, NvmeTcpHost queue) {
            super("load-" + nsid);
            this.nsid = nsid;
            this.queue = queue;
        }

        @Override
        public void run() {
            try {
                for (int block = 0; block < BLOCKS; block++) {
                    write(block);
                }
                // 7 and 3 have no factor in common with the number of blocks: each is written, and read long after.
                for (int i = 0; !ending; i++) {
                    timed(i * 7 % BLOCKS, i * 3 % BLOCKS);
                }
                for (int block = 0; block < BLOCKS; block++) {
                    read(block);
                }
            } catch (IOException | RuntimeException e) {
                failure = new AssertionError("namespace " + nsid + " after " + done + " I/Os", e);
            }
        }

        private void timed(int written, int read) throws IOException {
            long begun = System.nanoTime();
            write(written);
            long between = System.nanoTime();
            read(read);
            long longest = Math.max(between - begun, System.nanoTime() - between);
            longestNanos.accumulateAndGet(longest, Math::max);
            done.addAndGet(2);
        }

        private void write(int block) throws IOException {
            byte[] data = new byte[BLOCK_BYTES];
            ByteBuffer.wrap(data).putLong(++stamp).putLong(BLOCK_BYTES - Long.BYTES, stamp);
            check("WRITE", queue.write(nsid, block, 1, data, true));
            model[block] = stamp;
        }

        private void read(int block) throws IOException {
            ByteBuffer found = ByteBuffer.wrap(check("READ", queue.read(nsid, block, 1, BLOCK_BYTES)).data());
            if (found.getLong(0) != model[block] || found.getLong(BLOCK_BYTES - Long.BYTES) != model[block]) {
                throw new IOException("block " + block + " holds " + found.getLong(0) + " and not " + model[block]);
            }
        }
    }

    /** The longest that an I/O took since the last call, in ms, once every namespace has gone on; fails if one has not. */
    public long takeLongestMs() throws InterruptedException {
        long[] before = workers.stream().mapToLong(worker -> worker.done.get()).toArray();
        for (int i = 0; i < before.length; i++) {
            Worker worker = workers.get(i);
            for (long waited = 0; worker.done.get() == before[i] && waited < PATIENCE_MS && failure == null; waited++) {
                TimeUnit.MILLISECONDS.sleep(1);
            }
        }
        check();
        return TimeUnit.NANOSECONDS.toMillis(
            workers.stream().mapToLong(worker -> worker.longestNanos.getAndSet(0)).max().orElseThrow());
    }

    private void check() {
        if (failure != null) {
            throw new AssertionError(failure);
        }
    }

    /** I/Os of each namespace. */
    public String done() {
        return Arrays.toString(workers.stream().mapToLong(worker -> worker.done.get()).toArray());
    }

    /** Ends; fails if anything was wrong, or a block does not hold what was last acknowledged. */
    @Override
    public void close() throws IOException {
        ending = true;
        try {
            for (Worker worker : workers) {
                worker.join();
                worker.queue.close();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        admin.close();
        check();
    }
}
