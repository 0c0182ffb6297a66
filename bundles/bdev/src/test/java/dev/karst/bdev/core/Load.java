package dev.karst.bdev.core;

import dev.karst.base.Mem;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.BdevChannel;
import dev.karst.bdev.BdevDescriptor;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.IoType;
import dev.karst.env.Region;
import dev.karst.env.sim.SimRandom;
import dev.karst.reactor.Reactor;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Random I/O on a range of blocks of its own, from one reactor, against a model: every I/O ends exactly once, reads
 * give what was written. What it finds wrong it throws.
 */
final class Load extends BdevChannel.Waiter {
    /** Most blocks of one I/O. */
    static final int MOST_BLOCKS = 40;

    /** One I/O and its memory. */
    final class Request extends BdevIo {
        private final Region memory;
        private long stamp;
        private boolean accepted;

        Request(Region memory) {
            super(MAX_SEGMENTS);
            this.memory = memory;
        }

        @Override
        protected void ended(int status) {
            check(accepted, "ended, and it was not in flight");
            check(!submitting, "ended inside a submission");
            accepted = false;
            finished(this, status);
        }
    }

    /** A request to abort another. */
    private final class Abort extends BdevIo {
        private final boolean finds;

        Abort(BdevIo victim) {
            super(0);
            finds = victim.isInFlight();
            type = IoType.ABORT;
            this.victim = victim;
        }

        @Override
        protected void ended(int status) {
            aborts--;
            check(status == (finds ? Status.OK : Status.FAILED), "the abort ended: " + Status.text(status));
        }
    }

    private final SimRandom random;
    private final BdevChannel channel;
    private final int blockSize;
    private final long firstBlock;
    private final long[] model;
    /** Blocks of which it is not known what they hold, after a write that failed. */
    private final BitSet unknown = new BitSet();
    private final BitSet busy = new BitSet();
    private final List<Request> idle = new ArrayList<>();
    private final List<Request> all = new ArrayList<>();
    private final IoType[] types;
    private long nextStamp = 1;
    private boolean submitting;
    private int toDo;
    private boolean started;
    private int aborts;
    int abortOneIn;
    int done;
    int failed;
    /** Statuses other than success that may come; any, when null. */
    List<Integer> allowed = List.of();
    private int lastRefusal;

    Load(SimRandom random, BdevDescriptor descriptor, Reactor reactor, Range range, int depth, IoType... types)
        throws StorageException {
        this.random = random;
        this.channel = descriptor.openChannel(reactor);
        this.blockSize = channel.bdev().blockSize();
        this.firstBlock = range.first;
        this.model = new long[(int) range.count];
        this.types = types;
        for (int i = 0; i < depth; i++) {
            all.add(new Request(range.memory.allocate("load", (long) MOST_BLOCKS * blockSize)));
        }
        idle.addAll(all);
    }

    /** Blocks that nobody else touches, and memory. */
    record Range(long first, long count, dev.karst.env.Memory memory) {}

    private static void check(boolean right, String otherwise) {
        if (!right) {
            throw new IllegalStateException(otherwise);
        }
    }

    void start(int ios) {
        toDo = ios;
        started = ios > 0;
        next();
    }

    boolean isDone() {
        return started && toDo == 0 && idle.size() == all.size() && aborts == 0;
    }

    int inFlight() {
        return channel.inFlight();
    }

    int lastRefusal() {
        return lastRefusal;
    }

    void stop() {
        toDo = 0;
    }

    void close() {
        check(channel.inFlight() == 0, channel.inFlight() + " in flight at the end");
        channel.close();
    }

    @Override
    public void available() {
        next();
    }

    private void next() {
        while (toDo > 0 && !idle.isEmpty() && !isWaiting()) {
            Request request = idle.getLast();
            if (!choose(request)) {
                return;
            }
            submit(request);
        }
    }

    private void submit(Request request) {
        submitting = true;
        request.accepted = true;
        int status = channel.submit(request);
        submitting = false;
        if (status == Status.OK) {
            idle.removeLast();
            toDo--;
            abortSome(request);
            return;
        }
        request.accepted = false;
        release(request);
        lastRefusal = status;
        if (status == Status.NO_RESOURCE) {
            channel.whenAvailable(this);
        } else {
            check(allowed == null || allowed.contains(status), "refused: " + Status.text(status));
            toDo = 0;
        }
    }

    private void abortSome(Request request) {
        if (random.oneIn(abortOneIn)) {
            aborts++;
            submitting = true;
            int status = channel.submit(new Abort(request));
            submitting = false;
            check(status == Status.OK, "an abort was refused");
        }
    }

    private boolean choose(Request request) {
        int blocks = random.oneIn(30) ? 0 : 1
            + random.below(random.oneIn(2) ? 2 : Math.min(MOST_BLOCKS, model.length) - 1);
        int first = random.below(model.length - blocks + 1);
        int used = busy.nextSetBit(first);
        if (used >= 0 && used < first + blocks) {
            blocks = used - first;
        }
        request.type = types[random.below(types.length)];
        if (request.type == IoType.RESET) {
            blocks = 0;
        }
        request.offsetBlocks = firstBlock + first;
        request.blocks = blocks;
        busy.set(first, first + blocks);
        scatter(request);
        return true;
    }

    private void release(Request request) {
        int first = (int) (request.offsetBlocks - firstBlock);
        busy.clear(first, first + (int) request.blocks);
    }

    private void scatter(Request request) {
        request.data.clear();
        if (!request.type.hasData()) {
            return;
        }
        long bytes = request.blocks * blockSize;
        long at = 0;
        while (at < bytes) {
            boolean last = request.data.count() == BdevIo.MAX_SEGMENTS - 1;
            long length = last || random.oneIn(3) ? bytes - at
                : Math.min(bytes - at, blockSize / 4 + 8L * random.below(200));
            request.data.add(request.memory.address() + at, (int) length);
            at += length;
        }
        request.stamp = nextStamp;
        for (long i = 0; i < request.blocks; i++) {
            long stamp = request.type == IoType.WRITE ? nextStamp++ : -1;
            for (int word = 0; word < blockSize; word += 8) {
                Mem.setLong(request.memory.address() + i * blockSize + word, stamp);
            }
        }
    }

    private void finished(Request request, int status) {
        int first = (int) (request.offsetBlocks - firstBlock);
        for (int i = 0; i < request.blocks; i++) {
            block(request, first + i, i, status);
        }
        release(request);
        idle.add(request);
        done++;
        if (status != Status.OK) {
            failed++;
            check(allowed == null || allowed.contains(status), request.type + " ended: " + Status.text(status));
        }
        next();
    }

    private void block(Request request, int block, int index, int status) {
        if (request.type.writes()) {
            unknown.set(block, status != Status.OK);
            model[block] = request.type == IoType.WRITE ? request.stamp + index : 0;
        } else if (request.type == IoType.READ && status == Status.OK && !unknown.get(block)) {
            long at = request.memory.address() + (long) index * blockSize;
            for (int word = 0; word < blockSize; word += 8) {
                long found = Mem.getLong(at + word);
                check(found == model[block], "block " + block + " holds " + found + " and not " + model[block]);
            }
        }
    }
}
