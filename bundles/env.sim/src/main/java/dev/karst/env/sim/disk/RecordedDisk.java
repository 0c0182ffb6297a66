package dev.karst.env.sim.disk;

import dev.karst.base.Errno;
import dev.karst.base.Status;
import dev.karst.env.sim.CrashState;
import dev.karst.env.sim.SimRandom;
import dev.karst.env.sim.SparseBytes;
import dev.karst.env.sim.WriteRecorder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;

/**
 * A disk with a volatile cache whose operations end in an order of chance, one for each {@link #step}; never inside the call that
 * submits. What may be left of it after a power cut says {@link dev.karst.env.sim.PowerCut} of the {@link #record recorder},
 * where it is the file {@link #PATH}. One thread.
 */
public final class RecordedDisk {
    /** The file that it is to a recorder. */
    public static final Path PATH = Path.of("/disk");

    private static final int CHUNK = 4096;

    /** An operation in flight. */
    private record Operation(boolean fails, Runnable effect, IntConsumer done) {}

    private final SparseBytes content;
    private final SimRandom random;
    private final List<Operation> pending = new ArrayList<>();
    private WriteRecorder recorder;
    private long submitted;
    private long failing = -1;
    private long flushes;
    /** Of the flushes, from the one on to before the other. */
    private long failingFrom;
    private long failingTo;
    private boolean forgets;

    /** A disk with this content, which is durable. */
    public RecordedDisk(SparseBytes content, SimRandom random) {
        this.content = content;
        this.random = random;
    }

    /** What a power cut left. The state stays as it is. */
    public RecordedDisk(CrashState state, SimRandom random) {
        this(state.files().get(PATH).fork(), random);
    }

    /** What it holds now, as it reads. */
    public SparseBytes content() {
        return content;
    }

    /** Records from now on; all that it holds now counts as durable. */
    public WriteRecorder record() {
        recorder = new WriteRecorder(Map.of(PATH, content));
        return recorder;
    }

    /** How many operations were submitted. */
    public long submitted() {
        return submitted;
    }

    /** The operation that is submitted after so many more fails with EIO and does nothing; -1 for none. */
    public void fail(long after) {
        failing = after < 0 ? -1 : submitted + after;
    }

    /**
     * The flush that is submitted after so many more fails with EIO, and so do some more. What it does to the writes before it says {@link
     * WriteRecorder#syncFailed}. The disk is recorded.
     *
     * @param forgets whether what is lost is not read any more; else it is until the power is cut, as from a page cache
     */
    public void failFlushes(long after, int count, boolean forgets) {
        failingFrom = flushes + after;
        failingTo = failingFrom + count;
        this.forgets = forgets;
    }

    /** How many flushes were submitted. */
    public long flushes() {
        return flushes;
    }

    /** Reads; the bytes arrive when it ends, with a {@link Status}. */
    public void read(long offset, byte[] target, IntConsumer done) {
        submit(() -> content.read(offset, target, 0, target.length), done);
    }

    /** Writes; the source is read now. */
    public void write(long offset, byte[] source, IntConsumer done) {
        byte[] data = source.clone();
        change(offset, data.length, data, done);
    }

    /** Sets a range to zeros. */
    public void zero(long offset, long length, IntConsumer done) {
        change(offset, length, null, done);
    }

    private void change(long offset, long length, byte[] data, IntConsumer done) {
        if (offset < 0 || length <= 0 || offset + length > content.size()) {
            throw new AssertionError("bytes " + offset + " to " + (offset + length) + " of " + content.size());
        }
        if (recorder == null) {
            submit(() -> put(offset, length, data), done);
            return;
        }
        WriteRecorder.Write write = recorder.submitted(PATH, offset, length, data);
        submit(() -> {
            put(offset, length, data);
            recorder.completed(write, data, length);
        }, status -> {
            if (status == Status.OK) {
                recorder.acknowledged(write);
            } else {
                recorder.dropped(write);
            }
            done.accept(status);
        });
    }

    private void put(long offset, long length, byte[] data) {
        if (data == null) {
            content.zero(offset, length);
        } else {
            content.write(offset, data, 0, data.length);
        }
    }

    /** All writes that ended before this call become durable. */
    public void flush(IntConsumer done) {
        long since = recorder == null ? 0 : recorder.now();
        boolean fails = flushes >= failingFrom && flushes < failingTo;
        flushes++;
        if (fails) {
            submit(() -> failFlush(since), _ -> done.accept(Status.errno(Errno.EIO)));
            return;
        }
        submit(() -> {
            if (recorder != null) {
                recorder.synced(PATH, since);
            }
        }, done);
    }

    private void failFlush(long since) {
        recorder.syncFailed(PATH, since, random);
        if (forgets) {
            SparseBytes left = recorder.readable(PATH);
            byte[] chunk = new byte[CHUNK];
            for (long at = 0; at < content.size(); at += CHUNK) {
                int length = (int) Math.min(CHUNK, content.size() - at);
                left.read(at, chunk, 0, length);
                content.write(at, chunk, 0, length);
            }
        }
    }

    private void submit(Runnable effect, IntConsumer done) {
        pending.add(new Operation(submitted++ == failing, effect, done));
    }

    /** Ends one of the operations in flight; false when there is none. */
    public boolean step() {
        if (pending.isEmpty()) {
            return false;
        }
        int at = pending.size() == 1 ? 0 : random.below(pending.size());
        Operation operation = pending.get(at);
        pending.set(at, pending.getLast());
        pending.removeLast();
        if (!operation.fails) {
            operation.effect.run();
        }
        operation.done.accept(operation.fails ? Status.errno(Errno.EIO) : Status.OK);
        return true;
    }
}
