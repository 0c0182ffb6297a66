package dev.karst.bdev.core;

import dev.karst.base.IoVector;
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
        /** What a COMPARE_AND_WRITE compares with. */
        private final long other;
        private long stamp;
        /** What a comparison must end with. */
        private int due;
        private boolean accepted;

        Request(Region memory) {
            super(MAX_SEGMENTS);
            this.memory = memory;
            other = memory.address() + (long) MOST_BLOCKS * blockSize;
            compare = new IoVector(2);
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
        this.blockSize = descriptor.blockSize();
        this.firstBlock = range.first;
        this.model = new long[(int) range.count];
        this.types = types;
        for (int i = 0; i < depth; i++) {
            all.add(new Request(range.memory.allocate("load", 2L * MOST_BLOCKS * blockSize)));
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
        int unit = channel.bdev().writeUnitBlocks();
        int first = random.below(model.length - blocks + 1);
        first -= first % unit;
        int used = busy.nextSetBit(first);
        if (used >= 0 && used < first + blocks) {
            blocks = used - first;
        }
        blocks -= blocks % unit;
        request.type = types[random.below(types.length)];
        if (request.type == IoType.RESET) {
            blocks = 0;
        }
        if (request.type == IoType.COMPARE_AND_WRITE) {
            blocks = Math.min(blocks, channel.bdev().compareAndWriteBlocks());
        }
        request.offsetBlocks = firstBlock + first;
        request.blocks = blocks;
        busy.set(first, first + blocks);
        if (request.type == IoType.COPY && !chooseSource(request)) {
            request.type = IoType.READ;
        }
        scatter(request);
        compareWith(request, first);
        return true;
    }

    private boolean chooseSource(Request request) {
        int first = random.below(model.length - (int) request.blocks + 1);
        int used = busy.nextSetBit(first);
        boolean found = used < 0 || used >= first + request.blocks;
        if (found) {
            request.sourceBlock = firstBlock + first;
            busy.set(first, first + (int) request.blocks);
        }
        return found;
    }

    /** Fills in what a comparison compares with: what is there, or something else. */
    private void compareWith(Request request, int first) {
        request.due = Status.OK;
        if (!isComparing(request)) {
            return;
        }
        boolean inData = request.type == IoType.COMPARE;
        int differs = random.oneIn(3) && request.blocks > 0 ? random.below((int) request.blocks) : -1;
        for (int i = 0; i < request.blocks; i++) {
            for (int word = 0; word < blockSize; word += 8) {
                boolean other = i == differs && word == blockSize - 8;
                Mem.setLong((inData ? request.memory.address() : request.other) + (long) i * blockSize + word,
                    other ? -7 : model[first + i]);
            }
        }
        request.compare.clear();
        request.compare.add(request.other, (int) (request.blocks * blockSize));
        request.due = differs >= 0 ? Status.MISCOMPARE : Status.OK;
    }

    private void release(Request request) {
        int first = (int) (request.offsetBlocks - firstBlock);
        busy.clear(first, first + (int) request.blocks);
        if (request.type == IoType.COPY) {
            int source = (int) (request.sourceBlock - firstBlock);
            busy.clear(source, source + (int) request.blocks);
        }
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
            long stamp = isStamped(request) ? nextStamp++ : -1;
            for (int word = 0; word < blockSize; word += 8) {
                Mem.setLong(request.memory.address() + i * blockSize + word, stamp);
            }
        }
    }

    private static boolean isStamped(Request request) {
        return request.type == IoType.WRITE || request.type == IoType.COMPARE_AND_WRITE;
    }

    private void finished(Request request, int status) {
        int first = (int) (request.offsetBlocks - firstBlock);
        if (request.due != Status.OK) {
            check(status != Status.OK || !isKnown(request, first), request.type + " found the same, and it differs");
        }
        boolean mayDiffer = request.due != Status.OK || isComparing(request) && !isKnown(request, first);
        if (status == Status.MISCOMPARE && mayDiffer) {
            end(request);
            return;
        }
        for (int i = 0; i < request.blocks; i++) {
            block(request, first + i, i, status);
        }
        if (status != Status.OK) {
            failed++;
            check(allowed == null || allowed.contains(status), request.type + " ended: " + Status.text(status));
        }
        end(request);
    }

    private static boolean isComparing(Request request) {
        return request.type == IoType.COMPARE || request.type == IoType.COMPARE_AND_WRITE;
    }

    private boolean isKnown(Request request, int first) {
        int next = unknown.nextSetBit(first);
        return next < 0 || next >= first + request.blocks;
    }

    private void end(Request request) {
        release(request);
        idle.add(request);
        done++;
        next();
    }

    private void block(Request request, int block, int index, int status) {
        if (request.type.writes()) {
            unknown.set(block, status != Status.OK);
            model[block] = isStamped(request) ? request.stamp + index : 0;
            if (request.type == IoType.COPY) {
                int source = (int) (request.sourceBlock - firstBlock) + index;
                model[block] = model[source];
                unknown.set(block, status != Status.OK || unknown.get(source));
            }
        } else if (request.type == IoType.READ && status == Status.OK && !unknown.get(block)) {
            long at = request.memory.address() + (long) index * blockSize;
            for (int word = 0; word < blockSize; word += 8) {
                long found = Mem.getLong(at + word);
                check(found == model[block], "block " + block + " holds " + found + " and not " + model[block]);
            }
        }
    }
}
