package dev.karst.itests.lvol;

import dev.karst.itests.VerifiedLoad;
import dev.karst.nvmf.testkit.Bytes;
import dev.karst.nvmf.testkit.NvmeTcpHost;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * A host that writes one volume with several commands at a time and flushes, until its connection ends, and knows what each block may
 * hold then: what was acknowledged before an acknowledged flush, or anything newer that was sent. What it knows can be asked by any thread.
 */
final class FlushedLoad {
    private static final int DEPTH = 8;
    private static final int MOST_BLOCKS = 8;
    private static final int ROUNDS_PER_FLUSH = 4;
    private static final int BLOCKS_PER_READ = 64;

    final String volume;
    final int nsid;
    final int blocks;
    private final SplittableRandom random;
    /** Guarded by this, like the next two. By block, the newest stamp that was sent. */
    private final long[] sent;
    /** The newest that was acknowledged. */
    private final long[] written;
    /** The newest of which a flush says that it is kept. */
    private long[] flushed;
    private long stamp;
    private int flushes;

    FlushedLoad(String volume, int nsid, int blocks) {
        this.volume = volume;
        this.nsid = nsid;
        this.blocks = blocks;
        random = new SplittableRandom(nsid);
        sent = new long[blocks];
        written = new long[blocks];
        flushed = new long[blocks];
    }

    /** A write on its way, or a flush: then with what it is to keep. */
    private record Command(int block, int count, long stamp, long[] kept) {}

    /** Until the connection ends, whose end it gives; an error of a command is a failure. */
    IOException run(NvmeTcpHost queue) {
        try {
            for (int round = 1; true; round++) {
                round(queue, round % ROUNDS_PER_FLUSH == 0);
            }
        } catch (IOException e) {
            return e;
        }
    }

    /** Writes in flight at a time never overlap: each has its part of the volume. */
    private void round(NvmeTcpHost queue, boolean flushes) throws IOException {
        Map<Integer, Command> onTheWay = new HashMap<>();
        int part = blocks / DEPTH;
        for (int i = 0; i < DEPTH; i++) {
            int count = 1 + random.nextInt(MOST_BLOCKS);
            send(queue, onTheWay, write(i * part + random.nextInt(part - count + 1), count));
            if (flushes && i == DEPTH / 2) {
                send(queue, onTheWay, new Command(0, 0, 0, written()));
            }
        }
        while (!onTheWay.isEmpty()) {
            Bytes header = queue.receive().header();
            if (header.u8(0) != NvmeTcpHost.CAPSULE_RESP || header.u16(22) >> 1 != 0) {
                throw new AssertionError(
                    volume + ": PDU type " + header.u8(0) + " with status " + Integer.toHexString(header.u16(22) >> 1));
            }
            ended(onTheWay.remove(header.u16(20)));
        }
    }

    private synchronized Command write(int block, int count) {
        stamp++;
        for (int i = block; i < block + count; i++) {
            sent[i] = stamp;
        }
        return new Command(block, count, stamp, null);
    }

    private static final byte[] NOTHING = {};

    private void send(NvmeTcpHost queue, Map<Integer, Command> onTheWay, Command command) throws IOException {
        int cid = queue.cid();
        byte[] data = command.kept == null ? data(command) : NOTHING;
        Bytes sqe = NvmeTcpHost.sqe(command.kept == null ? 0x01 : 0x00, nsid, data.length, true).set(2, 2, cid);
        if (command.kept == null) {
            sqe.set(40, 8, command.block).set(48, 2, command.count - 1);
        }
        onTheWay.put(cid, command);
        queue.send(queue.capsule(sqe, data));
    }

    private static byte[] data(Command command) {
        ByteBuffer data = ByteBuffer.allocate(command.count * Stamps.BLOCK_BYTES);
        for (int i = 0; i < command.count; i++) {
            Stamps.fill(data, command.block + i, command.stamp);
        }
        return data.array();
    }

    private synchronized void ended(Command command) {
        if (command.kept != null) {
            flushed = command.kept;
            flushes++;
        }
        for (int i = command.block; i < command.block + command.count; i++) {
            written[i] = command.stamp;
        }
    }

    /** A copy of what was acknowledged. */
    synchronized long[] written() {
        return written.clone();
    }

    /** A copy of what was sent. */
    synchronized long[] sent() {
        return sent.clone();
    }

    synchronized int flushes() {
        return flushes;
    }

    synchronized long writes() {
        return stamp;
    }

    /** Reads all that a namespace holds, which must be what {@code allowed} says; gives it. */
    long[] read(NvmeTcpHost queue, String what, int namespace, Stamps allowed) throws IOException {
        long[] found = new long[blocks];
        for (int block = 0; block < blocks; block += BLOCKS_PER_READ) {
            byte[] data = VerifiedLoad.check("READ of " + what,
                queue.read(namespace, block, BLOCKS_PER_READ, BLOCKS_PER_READ * Stamps.BLOCK_BYTES)).data();
            long[] stamps = allowed.check(what, block, data);
            System.arraycopy(stamps, 0, found, block, stamps.length);
        }
        return found;
    }

    /** After the end of the process: reads the volume, flushes, and goes on from what is there. Gives how many blocks are newer than flushed. */
    long verify(NvmeTcpHost queue) throws IOException {
        Stamps allowed = new Stamps(flushed, sent());
        long[] found = read(queue, volume, nsid, allowed);
        VerifiedLoad.check("FLUSH", queue.flush(nsid));
        synchronized (this) {
            flushed = found.clone();
            System.arraycopy(found, 0, written, 0, blocks);
            System.arraycopy(found, 0, sent, 0, blocks);
        }
        return allowed.above(found);
    }

    /** Writes a block that was written before as it was never sent; what verifies it must tell. */
    void spoil(NvmeTcpHost queue) throws IOException {
        int block = 0;
        while (flushed[block] == 0) {
            block++;
        }
        VerifiedLoad.check("WRITE", queue.write(nsid, block, 1, data(new Command(block, 1, flushed[block] - 1, null)), true));
    }
}
