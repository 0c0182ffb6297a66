package dev.karst.bdev.lvol.bdev;

import dev.karst.base.Errno;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.lvol.disk.ClearMethod;
import dev.karst.bdev.lvol.store.Done;
import dev.karst.bdev.lvol.store.LvolStore;
import dev.karst.bdev.lvol.store.Medium;
import dev.karst.bdev.lvol.store.Outcome;
import dev.karst.bdev.lvol.store.StoreOptions;
import dev.karst.bdev.lvol.store.Volume;
import dev.karst.bdev.lvol.store.VolumeOptions;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Does once, in memory, what hosts wait for: first writes, a snapshot, copies on write, flushes and releases. A JVM links each piece of code
 * when that runs first, lambdas above all, and a first snapshot would let all I/O of its reactor wait for some ten milliseconds of it.
 */
final class Rehearsal {
    private static final System.Logger LOG = System.getLogger(Rehearsal.class.getName());
    private static final AtomicBoolean BEGUN = new AtomicBoolean();
    private static final int CLUSTER = 8192;
    private static final int CLUSTERS = 256;
    private static final int VOLUME = 8;

    private final Memory memory;
    private final LvolStore store;

    private Rehearsal(Memory memory, ClearMethod clear) throws StorageException {
        this.memory = memory;
        var options = new StoreOptions(new UUID(1, 1), "rehearsal", CLUSTER, 100, clear);
        store = this.<LvolStore>await(outcome -> LvolStore.format(memory, options, outcome));
    }

    /** Has a control thread do it, if this version of the module has not yet. */
    static void once(Executor background) {
        if (BEGUN.compareAndSet(false, true)) {
            background.execute(() -> {
                try {
                    run();
                } catch (StorageException e) {
                    LOG.log(Level.WARNING, "The first snapshot may be slow: {0}", e.getMessage());
                }
            });
        }
    }

    /**
     * Takes about 100 ms the first time, 4 MiB of heap for as long, and a thread that no reactor needs.
     *
     * @throws StorageException when the store fails, which it would do with any other medium as well
     */
    static void run() throws StorageException {
        new Rehearsal(new Memory(true), ClearMethod.UNMAP).play();
        new Rehearsal(new Memory(false), ClearMethod.WRITE_ZEROES).play();
    }

    private void play() throws StorageException {
        Volume volume = this.<Volume>await(outcome -> store.create(options("volume"), VOLUME, outcome));
        write(volume);
        Volume snapshot = this.<Volume>await(outcome -> store.snapshot(volume, options("snapshot"), outcome));
        write(volume);
        Volume clone = this.<Volume>await(outcome -> store.clone(snapshot, options("clone"), outcome));
        write(clone);
        this.<Void>await(outcome -> store.release(volume, 0, 2, outcome));
        this.<Void>await(outcome -> store.resize(volume, 2 * VOLUME, outcome));
        this.<Void>await(outcome -> store.delete(clone, outcome));
        this.<Void>await(outcome -> store.delete(snapshot, outcome));
        end(store::close);
    }

    /** Two clusters, and a flush. */
    private void write(Volume volume) throws StorageException {
        for (int index = 0; index < 2; index++) {
            int at = index;
            end(done -> store.allocate(volume, at, done));
        }
        end(done -> store.flush(volume, done));
    }

    private static VolumeOptions options(String name) {
        return new VolumeOptions(UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)), name, true);
    }

    private void end(Consumer<Done> task) throws StorageException {
        this.<Void>await(outcome -> task.accept(status ->
            outcome.ended(null, status == Status.OK ? null : StorageException.failure(Errno.EIO, Status.text(status)))));
    }

    private <T> T await(Consumer<Outcome<T>> task) throws StorageException {
        var heard = new Heard<T>();
        task.accept(heard);
        memory.settle();
        return heard.value();
    }

    private static final class Heard<T> implements Outcome<T> {
        private boolean ended;
        private T value;
        private StorageException failure;

        @Override
        public void ended(T with, StorageException why) {
            ended = true;
            value = with;
            failure = why;
        }

        T value() throws StorageException {
            if (!ended) {
                throw StorageException.failure(Errno.ETIMEDOUT, "a step of a rehearsal has no end");
            } else if (failure != null) {
                throw failure;
            }
            return value;
        }
    }

    /** A medium that ends what it is asked when it is told to. */
    private static final class Memory implements Medium {
        private final byte[] content = new byte[CLUSTERS * CLUSTER];
        private final ArrayDeque<Runnable> later = new ArrayDeque<>();
        private final boolean unmaps;

        Memory(boolean unmaps) {
            this.unmaps = unmaps;
        }

        void settle() {
            for (Runnable next = later.poll(); next != null; next = later.poll()) {
                next.run();
            }
        }

        private void end(Done done) {
            later.add(() -> done.done(Status.OK));
        }

        @Override
        public long bytes() {
            return content.length;
        }

        @Override
        public int blockSize() {
            return 512;
        }

        @Override
        public boolean unmapReadsZeroes() {
            return unmaps;
        }

        @Override
        public void read(long offset, byte[] target, Done done) {
            System.arraycopy(content, (int) offset, target, 0, target.length);
            end(done);
        }

        @Override
        public void write(long offset, byte[] source, Done done) {
            System.arraycopy(source, 0, content, (int) offset, source.length);
            end(done);
        }

        @Override
        public void copy(long source, long target, long length, Done done) {
            System.arraycopy(content, (int) source, content, (int) target, (int) length);
            end(done);
        }

        @Override
        public void zero(long offset, long length, Done done) {
            Arrays.fill(content, (int) offset, (int) (offset + length), (byte) 0);
            end(done);
        }

        @Override
        public void unmap(long offset, long length, Done done) {
            zero(offset, length, done);
        }

        @Override
        public void flush(Done done) {
            end(done);
        }

        @Override
        public void later(long millis, Runnable task) {
            later.add(task);
        }
    }
}
