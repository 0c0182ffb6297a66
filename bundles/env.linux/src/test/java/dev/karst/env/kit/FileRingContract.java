package dev.karst.env.kit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.karst.base.Errno;
import dev.karst.base.IoVector;
import dev.karst.base.Mem;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.env.DataFile;
import dev.karst.env.Environment;
import dev.karst.env.EventSet;
import dev.karst.env.FileOp;
import dev.karst.env.FileRing;
import dev.karst.env.Region;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every {@link FileRing} does. It knows the environment by its contract alone. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
public abstract class FileRingContract {
    protected static final int BLOCK = 4096;
    protected static final int BLOCKS = 256;
    protected static final int DEPTH = 16;

    protected Environment environment;
    protected EventSet events;
    protected FileRing ring;
    protected DataFile file;
    protected Region memory;
    private Path path;

    /** The environment whose ring is tested; a new one for each test. */
    protected abstract Environment environment();

    /** A folder for the file of the test. */
    protected abstract Path folder();

    /** What {@link FileRing#kind} is to say. */
    protected abstract String kind();

    @BeforeEach
    void open() throws StorageException {
        environment = environment();
        path = folder().resolve("disk.img");
        environment.files().create(path, (long) BLOCKS * BLOCK);
        file = environment.files().open(path, false);
        memory = environment.memory().allocate("test", (long) BLOCKS * BLOCK);
        events = environment.openEventSet();
        ring = environment.openFileRing(events, DEPTH);
    }

    @AfterEach
    void close() {
        ring.close();
        events.close();
        file.close();
        environment.memory().free(memory);
    }

    /** An operation that remembers what became of it. */
    protected static class Probe extends FileOp {
        public int result = Integer.MIN_VALUE;
        public int completions;

        public Probe() {
            data = new IoVector(FileRing.MAX_SEGMENTS);
        }

        @Override
        public void completed(int result) {
            this.result = result;
            completions++;
        }
    }

    protected Probe transfer(FileOp.Kind kind, int block, int blocks) {
        return prepare(new Probe(), kind, block, blocks);
    }

    protected Probe prepare(Probe op, FileOp.Kind kind, int block, int blocks) {
        op.kind = kind;
        op.file = file;
        op.offset = (long) block * BLOCK;
        op.length = (long) blocks * BLOCK;
        op.data.set(memory.address() + op.offset, blocks * BLOCK);
        return op;
    }

    protected int run(Probe op) {
        assertEquals(Status.OK, ring.submit(op));
        await(op);
        return op.result;
    }

    /** Polls, and sleeps for as long as it takes in between. */
    protected void await(Probe op) {
        int before = op.completions;
        while (op.completions == before) {
            if (ring.poll() == 0) {
                Waiting.sleep(environment, events);
            }
        }
    }

    private void drain() {
        while (ring.inFlight() > 0) {
            if (ring.poll() == 0) {
                Waiting.sleep(environment, events);
            }
        }
    }

    private void fill(int block, int blocks, int seed) {
        var bytes = new byte[blocks * BLOCK];
        new Random(seed).nextBytes(bytes);
        Mem.put(memory.address() + (long) block * BLOCK, bytes, 0, bytes.length);
    }

    private byte[] bytes(int block, int blocks) {
        var bytes = new byte[blocks * BLOCK];
        Mem.get(memory.address() + (long) block * BLOCK, bytes, 0, bytes.length);
        return bytes;
    }

    private boolean isZero(int block, int blocks) {
        for (byte b : bytes(block, blocks)) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }

    @Test
    void shouldSayItsKindWhenAsked() {
        assertEquals(kind(), ring.kind());
    }

    @Test
    void shouldReadWhatWasWrittenWhenBothComplete() {
        fill(0, 4, 1);
        byte[] written = bytes(0, 4);
        assertEquals(4 * BLOCK, run(transfer(FileOp.Kind.WRITE, 0, 4)));
        Mem.fill(memory.address(), 4 * BLOCK, (byte) 0);
        assertEquals(4 * BLOCK, run(transfer(FileOp.Kind.READ, 0, 4)));
        assertArrayEquals(written, bytes(0, 4));
    }

    @Test
    void shouldKeepTheOrderOfThePairsWhenDataIsScattered() {
        fill(0, 64, 2);
        Probe write = transfer(FileOp.Kind.WRITE, 0, 64);
        write.data.clear();
        for (int i = 63; i >= 0; i--) {
            write.data.add(memory.address() + (long) i * BLOCK, BLOCK);
        }
        assertEquals(64 * BLOCK, run(write));
        Probe read = transfer(FileOp.Kind.READ, 0, 64);
        read.data.set(memory.address() + 64L * BLOCK, 64 * BLOCK);
        assertEquals(64 * BLOCK, run(read));
        for (int i = 0; i < 64; i++) {
            long written = memory.address() + (63L - i) * BLOCK;
            assertTrue(Mem.equal(written, memory.address() + (64L + i) * BLOCK, BLOCK), "block " + i);
        }
    }

    @Test
    void shouldReportFewerBytesWhenTheFileEnds() {
        Probe read = transfer(FileOp.Kind.READ, BLOCKS - 2, 2);
        read.offset = (BLOCKS - 1L) * BLOCK;
        assertEquals(BLOCK, run(read));
    }

    @Test
    void shouldReadZerosWhenNothingWasWritten() {
        fill(7, 1, 3);
        assertEquals(BLOCK, run(transfer(FileOp.Kind.READ, 7, 1)));
        assertTrue(isZero(7, 1));
    }

    @Test
    void shouldCompleteWithinPollAloneWhenSubmitted() {
        Probe op = transfer(FileOp.Kind.READ, 0, 1);
        assertEquals(Status.OK, ring.submit(op));
        assertEquals(0, op.completions);
        assertEquals(1, ring.inFlight());
        await(op);
        assertEquals(1, op.completions);
        assertEquals(0, ring.inFlight());
    }

    @Test
    void shouldDeliverNothingWhenNothingWasSubmitted() {
        assertEquals(0, ring.poll());
    }

    @Test
    void shouldRefuseAndTakeAgainWhenFullAndOneHasCompleted() {
        List<Probe> taken = new ArrayList<>();
        for (int i = 0; i < DEPTH; i++) {
            taken.add(transfer(FileOp.Kind.WRITE, i, 1));
            assertEquals(Status.OK, ring.submit(taken.getLast()));
        }
        Probe refused = transfer(FileOp.Kind.WRITE, DEPTH, 1);
        assertEquals(Status.NO_RESOURCE, ring.submit(refused));
        drain();
        assertEquals(0, refused.completions);
        taken.forEach(op -> assertEquals(1, op.completions));
        assertEquals(BLOCK, run(refused));
    }

    @Test
    void shouldSucceedWhenSynced() {
        run(transfer(FileOp.Kind.WRITE, 0, 1));
        assertEquals(0, run(transfer(FileOp.Kind.SYNC, 0, 0)));
    }

    @Test
    void shouldReadZerosWhenRangeWasPunched() {
        assumeTrue(file.punches(), "the file system does not punch");
        shouldReadZerosAfter(FileOp.Kind.PUNCH);
    }

    @Test
    void shouldReadZerosWhenRangeWasZeroed() {
        shouldReadZerosAfter(FileOp.Kind.ZERO);
    }

    @Test
    void shouldZeroEveryRangeWhenSeveralAreZeroedAtOnceBeforeAnyWasZeroed() {
        List<Probe> ops = new ArrayList<>();
        for (int i = 0; i < DEPTH; i++) {
            Probe op = transfer(FileOp.Kind.ZERO, i, 1);
            ops.add(op);
            assertEquals(Status.OK, ring.submit(op));
        }
        drain();
        ops.forEach(op -> assertEquals(0, op.result));
    }

    private void shouldReadZerosAfter(FileOp.Kind kind) {
        fill(0, 3, 4);
        run(transfer(FileOp.Kind.WRITE, 0, 3));
        assertEquals(0, run(transfer(kind, 1, 1)));
        assertEquals(3 * BLOCK, run(transfer(FileOp.Kind.READ, 0, 3)));
        assertFalse(isZero(0, 1));
        assertTrue(isZero(1, 1));
        assertFalse(isZero(2, 1));
    }

    @Test
    void shouldGiveNegativeErrorNumberWhenFileIsReadOnly() throws StorageException {
        DataFile readOnly = environment.files().open(path, true);
        Probe op = transfer(FileOp.Kind.WRITE, 0, 1);
        op.file = readOnly;
        assertEquals(-Errno.EBADF, run(op));
        readOnly.close();
    }

    @Test
    void shouldCompleteOnceWhenCancelled() {
        List<Probe> ops = new ArrayList<>();
        for (int i = 0; i < DEPTH; i++) {
            Probe op = transfer(FileOp.Kind.READ, i, 1);
            ops.add(op);
            ring.submit(op);
            ring.cancel(op);
            ring.cancel(op);
        }
        drain();
        for (Probe op : ops) {
            assertEquals(1, op.completions);
            assertTrue(op.result == BLOCK || op.result == -Errno.ECANCELED, "result " + op.result);
        }
        ring.poll();
        assertEquals(BLOCK, run(ops.getFirst()));
    }

    @Test
    void shouldDoNothingWhenCancellingWhatIsNotInFlight() {
        Probe op = transfer(FileOp.Kind.READ, 0, 1);
        ring.cancel(op);
        run(op);
        ring.cancel(op);
        assertEquals(0, ring.poll());
        assertEquals(1, op.completions);
    }

    @Test
    void shouldTakeAnOperationAgainWhenItSubmitsItselfOnCompletion() {
        var again = new Probe() {
            @Override
            public void completed(int result) {
                super.completed(result);
                if (completions < 100) {
                    assertEquals(Status.OK, ring.submit(this));
                }
            }
        };
        assertEquals(Status.OK, ring.submit(prepare(again, FileOp.Kind.READ, 3, 1)));
        drain();
        assertEquals(100, again.completions);
    }

    @Test
    void shouldDeliverTheOthersWhenOneCompletionThrows() {
        var thrower = new Probe() {
            @Override
            public void completed(int result) {
                throw new IllegalStateException("planted");
            }
        };
        Probe other = transfer(FileOp.Kind.READ, 1, 1);
        ring.submit(prepare(thrower, FileOp.Kind.READ, 0, 1));
        ring.submit(other);
        assertThrows(IllegalStateException.class, this::drain);
        drain();
        assertEquals(1, other.completions);
    }

    @Test
    void shouldKeepEachBlockApartWhenManyAreInFlight() {
        var random = new Random(5);
        fill(0, BLOCKS, 6);
        byte[] written = bytes(0, BLOCKS);
        sweep(FileOp.Kind.WRITE, random);
        Mem.fill(memory.address(), memory.bytes(), (byte) 0);
        sweep(FileOp.Kind.READ, random);
        assertArrayEquals(written, bytes(0, BLOCKS));
    }

    private void sweep(FileOp.Kind kind, Random random) {
        int next = 0;
        while (next < BLOCKS) {
            Probe op = transfer(kind, next, 1);
            if (random.nextInt(4) == 0 || ring.submit(op) != Status.OK) {
                ring.poll();
            } else {
                next++;
            }
        }
        drain();
    }

    @Test
    void shouldEndTheSleepWhenAnOperationCompletes() {
        for (int i = 0; i < 200; i++) {
            Probe op = transfer(i % 2 == 0 ? FileOp.Kind.WRITE : FileOp.Kind.SYNC, i % BLOCKS, 1);
            ring.submit(op);
            ring.poll();
            while (op.completions == 0) {
                Waiting.sleep(environment, events);
                ring.poll();
            }
        }
    }
}
