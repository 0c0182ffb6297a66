package dev.karst.env.sim;

import dev.karst.base.IoVector;
import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.DataFile;
import dev.karst.env.FileOp;
import dev.karst.env.FileRing;
import dev.karst.env.Region;
import java.nio.file.Path;
import java.util.Arrays;

/** A simulated machine with one file, for tests of the disk; no reactor, so the test moves the world itself. */
final class Disk implements AutoCloseable {
    static final Path PATH = Path.of("/disk");

    /** An operation with its own memory. */
    static final class Op extends FileOp {
        final Region region;
        Integer result;

        Op(Region region) {
            this.region = region;
            data = new IoVector(4);
        }

        @Override
        public void completed(int result) {
            if (this.result != null) {
                throw new AssertionError("completed twice");
            }
            this.result = result;
        }

        byte[] bytes() {
            byte[] bytes = new byte[(int) length];
            Mem.get(region.address(), bytes, 0, bytes.length);
            return bytes;
        }
    }

    final SimRandom random;
    final SimEnvironment environment;
    final SimEventSet events;
    final FileRing ring;
    final DataFile file;

    Disk(long seed, long bytes) throws StorageException {
        this(seed, bytes, null);
    }

    /** A machine after a power cut. */
    Disk(long seed, CrashState state) throws StorageException {
        this(seed, 0, state);
    }

    private Disk(long seed, long bytes, CrashState state) throws StorageException {
        random = new SimRandom(seed);
        environment = new SimEnvironment(random.split(), 1);
        events = environment.openEventSet();
        ring = environment.openFileRing(events, 64);
        if (state == null) {
            environment.files().create(PATH, bytes);
        } else {
            state.openIn(environment);
        }
        file = environment.files().open(PATH, false);
    }

    Op op(FileOp.Kind kind, long offset, int length) throws StorageException {
        Op op = new Op(environment.memory().allocate("op", Math.max(1, length)));
        op.kind = kind;
        op.file = file;
        op.offset = offset;
        op.length = length;
        op.data.set(op.region.address(), length);
        return op;
    }

    Op write(long offset, byte[] bytes) throws StorageException {
        Op op = op(FileOp.Kind.WRITE, offset, bytes.length);
        Mem.put(op.region.address(), bytes, 0, bytes.length);
        submit(op);
        return op;
    }

    Op write(long offset, int length, int value) throws StorageException {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return write(offset, bytes);
    }

    Op submit(FileOp.Kind kind, long offset, int length) throws StorageException {
        Op op = op(kind, offset, length);
        submit(op);
        return op;
    }

    void submit(Op op) {
        while (ring.submit(op) != 0) {
            step();
        }
        ring.poll();
    }

    /** Until all given operations have completed. */
    void await(Op... ops) {
        while (!Arrays.stream(ops).allMatch(op -> op.result != null)) {
            step();
        }
    }

    void sync() throws StorageException {
        await(submit(FileOp.Kind.SYNC, 0, 0));
    }

    void step() {
        SimSchedule schedule = environment.schedule();
        if (schedule.nextNanos() == Long.MAX_VALUE) {
            throw new AssertionError("nothing is left to do");
        }
        environment.clock().advanceTo(schedule.nextNanos());
        schedule.runNext();
        if (random.oneIn(2)) {
            events.poll(0);
            ring.poll();
        } else if (schedule.nextNanos() == Long.MAX_VALUE) {
            ring.poll();
        }
    }

    SparseBytes content() {
        return environment.files().content(PATH);
    }

    @Override
    public void close() {
        environment.close();
    }
}
