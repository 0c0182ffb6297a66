package dev.karst.itests.stack;

import dev.karst.nvmf.testkit.NvmeTcpHost;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;

/** A host that writes and reads all the time, on a thread of its own, and sees whether the data is right. */
final class Neighbour implements AutoCloseable {
    private static final int BLOCKS = 8;
    private static final int BYTES = BLOCKS * 512;

    private final NvmeTcpHost io;
    private final int nsid;
    private final Thread thread = new Thread(this::run, "neighbour");
    private volatile boolean stopping;
    private volatile Throwable failure;
    private volatile long turns;

    /** One on a connected I/O queue, on the first blocks of a namespace. */
    Neighbour(NvmeTcpHost io, int nsid) throws Exception {
        this.io = io;
        this.nsid = nsid;
        for (int i = 0; i < 200; i++) {
            turn(new byte[BYTES], i);
        }
        thread.start();
    }

    private void run() {
        Random random = new Random(1);
        byte[] data = new byte[BYTES];
        try {
            while (!stopping) {
                random.nextBytes(data);
                turn(data, random.nextInt(64));
                turns++;
            }
        } catch (IOException | AssertionError e) {
            failure = e;
        }
    }

    private void turn(byte[] data, int place) throws IOException {
        Served.expectSuccess(io.write(nsid, place * (long) BLOCKS, BLOCKS, data, (place & 1) == 0));
        NvmeTcpHost.Completion read = io.read(nsid, place * (long) BLOCKS, BLOCKS, BYTES);
        Served.expectSuccess(read);
        if (!Arrays.equals(data, read.data())) {
            throw new AssertionError("other data");
        }
    }

    /** Fails if it saw an error, or did nothing. */
    void check() {
        if (failure != null || turns == 0) {
            throw new AssertionError("the neighbour after " + turns + " turns: " + failure, failure);
        }
    }

    @Override
    public void close() throws IOException {
        stopping = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }
}
