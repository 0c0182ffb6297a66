package dev.karst.bdev.lvol.store;

import dev.karst.base.Errno;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.env.sim.disk.RecordedDisk;
import java.util.function.Consumer;

/** A simulated disk as a medium; tests that plant bugs override what the disk does. */
class DiskMedium implements Medium {
    final RecordedDisk disk;
    private final boolean unmapReadsZeroes;

    DiskMedium(RecordedDisk disk, boolean unmapReadsZeroes) {
        this.disk = disk;
        this.unmapReadsZeroes = unmapReadsZeroes;
    }

    @Override
    public long bytes() {
        return disk.content().size();
    }

    @Override
    public int blockSize() {
        return 512;
    }

    @Override
    public boolean unmapReadsZeroes() {
        return unmapReadsZeroes;
    }

    @Override
    public void read(long offset, byte[] target, Done done) {
        disk.read(offset, target, done::done);
    }

    @Override
    public void write(long offset, byte[] source, Done done) {
        disk.write(offset, source, done::done);
    }

    @Override
    public void copy(long source, long target, long length, Done done) {
        byte[] bytes = new byte[(int) length];
        disk.read(source, bytes, status -> {
            if (status == Status.OK) {
                disk.write(target, bytes, done::done);
            } else {
                done.done(status);
            }
        });
    }

    @Override
    public void zero(long offset, long length, Done done) {
        disk.zero(offset, length, done::done);
    }

    @Override
    public void unmap(long offset, long length, Done done) {
        if (unmapReadsZeroes) {
            disk.zero(offset, length, done::done);
        } else {
            disk.flush(_ -> done.done(Status.OK));
        }
    }

    @Override
    public void flush(Done done) {
        disk.flush(done::done);
    }

    /** The time passes when the disk does something. */
    @Override
    public void later(long millis, Runnable task) {
        disk.read(0, new byte[1], _ -> task.run());
    }

    /** Until nothing is in flight. */
    void settle() {
        while (disk.step()) {
            continue;
        }
    }

    /** Does it and waits for what comes of it. */
    <T> T await(Consumer<Outcome<T>> operation) throws StorageException {
        class Answer {
            boolean came;
            T value;
            StorageException failure;
        }
        var answer = new Answer();
        operation.accept((value, failure) -> {
            if (answer.came) {
                throw new AssertionError("answered twice");
            }
            answer.came = true;
            answer.value = value;
            answer.failure = failure;
        });
        settle();
        if (!answer.came) {
            throw new AssertionError("never answered");
        } else if (answer.failure != null) {
            throw answer.failure;
        }
        return answer.value;
    }

    /** Makes a volume and waits for it. */
    Volume make(Consumer<Outcome<Volume>> operation) throws StorageException {
        return await(operation);
    }

    /** Makes a change and waits for it. */
    void change(Consumer<Outcome<Void>> operation) throws StorageException {
        await(operation);
    }

    /** Does it and waits until it ended well. */
    void awaitDone(Consumer<Done> operation) throws StorageException {
        change(outcome -> operation.accept(status -> {
            if (status == Status.OK) {
                outcome.succeeded(null);
            } else {
                outcome.failed(StorageException.errno(
                    Status.domain(status) == Status.ERRNO ? Status.code(status) : Errno.EIO, Status.text(status)));
            }
        }));
    }
}
