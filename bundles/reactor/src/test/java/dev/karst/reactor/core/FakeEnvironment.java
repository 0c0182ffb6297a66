package dev.karst.reactor.core;

import dev.karst.base.Clock;
import dev.karst.base.Errno;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.env.Environment;
import dev.karst.env.EventSet;
import dev.karst.env.FileOp;
import dev.karst.env.FileRing;
import dev.karst.env.Files;
import dev.karst.env.Keepsakes;
import dev.karst.env.Memory;
import dev.karst.env.Network;
import dev.karst.env.Processors;
import dev.karst.env.Threads;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.stream.IntStream;

/** A machine with a clock that a test may hold, real threads, and no files, sockets or memory. */
final class FakeEnvironment implements Environment, Processors, Threads {
    /** Real time until a test sets it. */
    final class HandClock extends Clock {
        private volatile long held = -1;

        void set(long nanos) {
            held = nanos;
        }

        @Override
        public long nanos() {
            return held >= 0 ? held : System.nanoTime();
        }

        @Override
        public long wallMs() {
            return 0;
        }
    }

    /** Completes what it was given at the next poll but one. */
    static final class Ring extends FileRing {
        private final Deque<FileOp> ops = new ArrayDeque<>();
        boolean closed;

        @Override
        public String kind() {
            return "fake";
        }

        @Override
        public int submit(FileOp op) {
            ops.add(op);
            return Status.OK;
        }

        @Override
        public void cancel(FileOp op) {}

        @Override
        public int poll() {
            FileOp op = ops.poll();
            if (op != null) {
                op.completed(0);
            }
            return op == null ? 0 : 1;
        }

        @Override
        public int inFlight() {
            return ops.size();
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    final HandClock clock = new HandClock();
    final List<FakeEventSet> sets = new CopyOnWriteArrayList<>();
    final List<Ring> rings = new CopyOnWriteArrayList<>();
    volatile long switches;
    final Set<Integer> locked = ConcurrentHashMap.newKeySet();
    final Set<Integer> lockedElsewhere = ConcurrentHashMap.newKeySet();
    private final int processors;

    FakeEnvironment(int processors) {
        this.processors = processors;
    }

    @Override
    public Switches threadSwitches() {
        return new Switches(0, switches);
    }

    @Override
    public void lock(int processor) throws StorageException {
        if (lockedElsewhere.contains(processor)) {
            throw StorageException.errno(Errno.EBUSY, "processor " + processor + " is locked");
        }
        locked.add(processor);
    }

    @Override
    public void unlock(int processor) {
        locked.remove(processor);
    }

    @Override
    public Clock clock() {
        return clock;
    }

    @Override
    public Memory memory() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Processors processors() {
        return this;
    }

    @Override
    public Keepsakes keepsakes() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Files files() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Network network() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Threads threads() {
        return this;
    }

    @Override
    public EventSet openEventSet() {
        var set = new FakeEventSet();
        sets.add(set);
        return set;
    }

    @Override
    public FileRing openFileRing(EventSet events, int depth) {
        var ring = new Ring();
        rings.add(ring);
        return ring;
    }

    @Override
    public int[] available() {
        return IntStream.range(0, processors).toArray();
    }

    @Override
    public boolean pin(int processor) {
        return true;
    }

    @Override
    public long threadNanos() {
        return 0;
    }

    @Override
    public void start(String name, Runnable body) {
        Thread.ofPlatform().name(name).daemon().start(body);
    }

    @Override
    public Executor background() {
        throw new UnsupportedOperationException();
    }
}
