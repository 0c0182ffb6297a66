import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.IoType;
import java.util.concurrent.CompletableFuture;

/** Writes on one device, so many in flight: one at each of so many places, or at random ones until they are to end. */
final class Writes {
    private static final int FILL_BYTES = 1 << 20;

    private static final class Io extends BdevIo {
        private final Writes writes;

        Io(Writes writes, long address, int bytes) {
            super(1);
            this.writes = writes;
            type = IoType.WRITE;
            blocks = bytes / BdevSetup.BLOCK;
            data.set(address, bytes);
        }

        void go() {
            long place = writes.next();
            if (place < 0) {
                writes.idle();
                return;
            }
            offsetBlocks = place;
            int status = writes.bdev.channel().submit(this);
            if (status != Status.OK) {
                writes.fail(status);
            }
        }

        @Override
        protected void ended(int status) {
            if (status != Status.OK) {
                writes.fail(status);
                return;
            }
            writes.longest = Math.max(writes.longest, System.nanoTime() - startNanos());
            go();
        }
    }

    private final CompletableFuture<Long> done = new CompletableFuture<>();
    private final BdevSetup.Opened bdev;
    private final long places;
    private final long stepBlocks;
    private final boolean isRandom;
    private volatile boolean ending;
    private long began;
    private long state = 0x9E3779B97F4A7C15L;
    private long at;
    private int busy;
    private long longest;

    /**
     * @param places how many; a power of two if they are random
     * @param step bytes from one to the next
     */
    Writes(BdevSetup.Opened bdev, long places, int step, boolean isRandom) {
        this.bdev = bdev;
        this.places = places;
        stepBlocks = step / BdevSetup.BLOCK;
        this.isRandom = isRandom;
    }

    /** Writes all of a device: the kernel gives memory when it is written first. */
    static void fill(BdevSetup setup, BdevSetup.Opened bdev, long bytes) throws StorageException {
        new Writes(bdev, bytes / FILL_BYTES, FILL_BYTES, false).start(setup, 1, FILL_BYTES).join();
    }

    /** Starts them; the nanoseconds that they took in all. */
    CompletableFuture<Long> start(BdevSetup setup, int depth, int bytes) throws StorageException {
        long memory = setup.allocate((long) depth * bytes);
        setup.on(() -> {
            busy = depth;
            began = System.nanoTime();
            for (int i = 0; i < depth; i++) {
                new Io(this, memory + (long) i * bytes, bytes).go();
            }
            return null;
        });
        return done;
    }

    void end() {
        ending = true;
    }

    /** Nanoseconds of the longest since this was asked last. On the reactor. */
    long longest() {
        long was = longest;
        longest = 0;
        return was;
    }

    /** The next place, or -1. */
    private long next() {
        if (!isRandom) {
            return at < places ? at++ * stepBlocks : -1;
        }
        state ^= state << 13;
        state ^= state >>> 7;
        state ^= state << 17;
        return ending ? -1 : (state & places - 1) * stepBlocks;
    }

    private void idle() {
        if (--busy == 0) {
            done.complete(System.nanoTime() - began);
        }
    }

    private void fail(int status) {
        done.completeExceptionally(new IllegalStateException("a write failed: " + Status.text(status)));
    }
}
