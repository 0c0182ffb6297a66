package dev.karst.bdev.core;

import dev.karst.base.IoVector;
import dev.karst.base.Mem;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.BdevChannel;
import dev.karst.bdev.BdevDescriptor;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.IoType;
import dev.karst.env.Memory;
import dev.karst.env.sim.SimRandom;
import dev.karst.reactor.Reactor;
import java.util.ArrayList;
import java.util.List;

/**
 * One reactor's share in counting up a figure that lies in some blocks of a device, by READ and COMPARE_AND_WRITE, with
 * all reactors at the same blocks. No step may be lost, no READ may see an older figure than was there when it was
 * submitted, nor two figures at once.
 */
final class Counting {
    /** What all reactors count together. */
    static final class Figure {
        final long first;
        final int blocks;
        /** A figure that everybody must see from now on. */
        long least;
        /** Steps that ended well, and those of which it is not known. */
        long counted;
        long uncertain;
        long missed;
        List<Integer> allowed = List.of();
        int abortOneIn;
        /** Now and then a plain WRITE raises the figure by so much; none when 0. */
        int writeOneIn;
        private long highest;
        /** Only one at a time, else either may be the last. */
        private boolean rises;

        Figure(long first, int blocks) {
            this.first = first;
            this.blocks = blocks;
        }

        /** What the store holds at the end. */
        void check(long store, int blockSize) {
            long found = Mem.getLong(store + first * blockSize);
            require(found >= least, "the end shows " + found + ", and " + least + " was there");
            require(writeOneIn > 0 || found >= counted && found <= counted + uncertain,
                "the end shows " + found + " after " + counted + " steps and " + uncertain + " uncertain ones");
        }
    }

    private static final long RAISE = 1_000_000;

    private static void require(boolean right, String otherwise) {
        if (!right) {
            throw new IllegalStateException(otherwise);
        }
    }

    /** Reads, then compares and writes, again and again. */
    private final class Worker extends BdevIo {
        private final long seen;
        private final long next;
        private long least;

        Worker(Memory memory) throws StorageException {
            super(4);
            seen = memory.allocate("seen", (1L + figure.blocks) * blockSize).address() + blockSize;
            next = memory.allocate("next", (long) figure.blocks * blockSize).address();
            compare = new IoVector(1);
            compare.set(seen, figure.blocks * blockSize);
        }

        void read() {
            if (toDo == 0) {
                active--;
                return;
            }
            toDo--;
            type = IoType.READ;
            // Some take the block before the figure along, so that they begin elsewhere.
            int more = random.oneIn(2) ? 1 : 0;
            offsetBlocks = figure.first - more;
            blocks = figure.blocks + more;
            data.set(seen - (long) more * blockSize, (int) blocks * blockSize);
            least = figure.least;
            submit();
        }

        private void submit() {
            int status = channel.submit(this);
            if (status != Status.OK) {
                require(figure.allowed.contains(status), "refused: " + Status.text(status));
                figure.rises &= type != IoType.WRITE;
                active--;
                return;
            }
            if (random.oneIn(figure.abortOneIn)) {
                channel.submit(new Abort(this));
            }
        }

        @Override
        protected void ended(int status) {
            if (type == IoType.READ) {
                wasRead(status);
            } else {
                wasWritten(status);
            }
        }

        private void wasRead(int status) {
            if (status != Status.OK) {
                require(figure.allowed.contains(status), "READ: " + Status.text(status));
                read();
                return;
            }
            long found = Mem.getLong(seen);
            for (long at = 0; at < (long) figure.blocks * blockSize; at += 8) {
                require(Mem.getLong(seen + at) == found, found + " and " + Mem.getLong(seen + at) + " at once");
            }
            require(found >= least, found + " seen after " + least);
            boolean raises = !figure.rises && random.oneIn(figure.writeOneIn);
            figure.rises |= raises;
            type = raises ? IoType.WRITE : IoType.COMPARE_AND_WRITE;
            long wanted = raises ? (figure.highest += RAISE) : found + 1;
            for (long at = 0; at < (long) figure.blocks * blockSize; at += 8) {
                Mem.setLong(next + at, wanted);
            }
            offsetBlocks = figure.first;
            blocks = figure.blocks;
            data.set(next, figure.blocks * blockSize);
            submit();
        }

        private void wasWritten(int status) {
            if (type == IoType.WRITE) {
                figure.rises = false;
            }
            if (status == Status.OK) {
                figure.counted++;
                figure.least = Math.max(figure.least, Mem.getLong(next));
            } else if (status == Status.MISCOMPARE) {
                figure.missed++;
            } else {
                figure.uncertain++;
                require(figure.allowed.contains(status), type + ": " + Status.text(status));
            }
            read();
        }
    }

    private static final class Abort extends BdevIo {
        Abort(BdevIo victim) {
            super(0);
            type = IoType.ABORT;
            this.victim = victim;
        }

        @Override
        protected void ended(int status) {}
    }

    private final SimRandom random;
    private final Figure figure;
    private final BdevChannel channel;
    private final int blockSize;
    private final List<Worker> workers = new ArrayList<>();
    private int toDo;
    private int active;
    private boolean started;

    Counting(SimRandom random, BdevDescriptor descriptor, Reactor reactor, Figure figure, Memory memory, int depth)
        throws StorageException {
        this.random = random;
        this.figure = figure;
        channel = descriptor.openChannel(reactor);
        blockSize = channel.bdev().blockSize();
        for (int i = 0; i < depth; i++) {
            workers.add(new Worker(memory));
        }
    }

    void start(int rounds) {
        toDo = rounds;
        started = true;
        active = workers.size();
        workers.forEach(Worker::read);
    }

    boolean isDone() {
        return started && active == 0 && channel.inFlight() == 0;
    }

    void close() {
        channel.close();
    }
}
