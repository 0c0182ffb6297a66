package dev.karst.bdev.testkit;

import com.sun.management.ThreadMXBean;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.BdevChannel;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.IoType;
import dev.karst.env.Region;
import java.lang.management.ManagementFactory;

/**
 * Keeps a number of I/Os in flight on the real thing, reads and writes in turn, and tells how many bytes the reactor's
 * thread allocated meanwhile.
 */
final class AllocationProbe {
    private static final int DEPTH = 16;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final BdevChannel channel;
    private final int blockSize;
    private final int total;
    private int begun;
    private int ended;
    private int failed;
    private long bytesBefore;
    private volatile long bytes = -1;

    private final class Turn extends BdevIo {
        private final long address;

        Turn(long address) {
            super(1);
            this.address = address;
        }

        void submit() {
            type = begun % 2 == 0 ? IoType.WRITE : IoType.READ;
            offsetBlocks = begun % BdevModuleContract.BLOCKS;
            blocks = 1;
            data.set(address, blockSize);
            begun++;
            if (channel.submit(this) != Status.OK) {
                ended(Status.FAILED);
            }
        }

        @Override
        protected void ended(int status) {
            failed += status == Status.OK ? 0 : 1;
            if (++ended == total) {
                bytes = THREADS.getCurrentThreadAllocatedBytes() - bytesBefore;
            } else if (begun < total) {
                submit();
            }
        }
    }

    private AllocationProbe(OpenBdev open, int total) {
        this.channel = open.channel();
        this.blockSize = open.bdev().blockSize();
        this.total = total;
    }

    /** Bytes allocated by {@code total} I/Os. */
    static long measure(BdevStage stage, OpenBdev open, Region memory, int total) throws StorageException {
        var probe = new AllocationProbe(open, total);
        Turn[] turns = new Turn[DEPTH];
        for (int i = 0; i < DEPTH; i++) {
            turns[i] = probe.new Turn(memory.address() + (long) i * 65536);
        }
        stage.on(open.reactor(), () -> probe.start(turns));
        stage.until(() -> probe.bytes >= 0);
        if (probe.failed > 0) {
            throw new AssertionError(probe.failed + " of " + total + " failed");
        }
        return probe.bytes;
    }

    private void start(Turn[] turns) {
        bytesBefore = THREADS.getCurrentThreadAllocatedBytes();
        for (Turn turn : turns) {
            turn.submit();
        }
    }
}
