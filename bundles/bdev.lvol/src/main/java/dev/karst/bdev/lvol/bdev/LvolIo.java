package dev.karst.bdev.lvol.bdev;

import dev.karst.base.Errno;
import dev.karst.base.IoVector;
import dev.karst.base.ReactorConfined;
import dev.karst.base.Status;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.IoType;
import dev.karst.bdev.QueuedChannel;
import dev.karst.bdev.lvol.base.Outside;
import dev.karst.reactor.Message;

/**
 * An I/O below a volume that stands for one from above, with the same memory. What covers several clusters goes from one to the next; a
 * READ or WRITE lies in one.
 */
@ReactorConfined
final class LvolIo extends BdevIo {
    /** What the pool is asked. */
    private enum Question {
        ALLOCATE,
        RELEASE,
        FLUSH
    }

    private final LvolChannel owner;
    private BdevIo parent;
    /** The next block that has not been done, and the one behind the last. */
    private long at;
    private long end;
    /** Whether clusters are zeroed where they are, since they cannot be given back. */
    private boolean keeps;
    /** Where it is, or was last. */
    private QueuedChannel below;
    /** Its own list, for a part of what is wanted. */
    private final IoVector own = data;
    private Question question;
    private int cluster;
    private int count;
    private int answer;
    private final Message ask = new Message() {
        @Override
        public void run() {
            ask();
        }
    };
    private final Message heard = new Message() {
        @Override
        public void run() {
            if (question == Question.RELEASE) {
                owner.include(LvolIo.this);
            } else {
                answered();
            }
        }
    };

    LvolIo(LvolChannel owner) {
        super(MAX_SEGMENTS);
        this.owner = owner;
    }

    /** Takes over what {@code io} wants. */
    void begin(BdevIo io) {
        parent = io;
        io.moduleState = this;
        at = io.offsetBlocks;
        end = io.offsetBlocks + io.blocks;
        step();
    }

    private void step() {
        switch (parent.type) {
            case READ -> read();
            case WRITE -> write();
            case UNMAP, WRITE_ZEROES -> clear();
            case FLUSH -> flush();
            default -> seek();
        }
    }

    private long endOf(long index) {
        return Math.min(end, (index + 1) * owner.clusterBlocks);
    }

    private void read() {
        int found = owner.contents.find(owner.clusterAt(at));
        if (found > 0) {
            forward(IoType.READ, found, end - at);
        } else if (found == Contents.EXTERNAL && owner.outside() == null) {
            finish(Status.errno(Errno.EIO));
        } else if (found == Contents.EXTERNAL && at < owner.outside().blocks()) {
            readOutside(owner.outside());
        } else {
            finish(zeros(0) ? Status.OK : Status.FAILED);
        }
    }

    /** What lies behind its end reads as zeros. */
    private void readOutside(Outside outside) {
        long there = Math.min(end, outside.blocks()) - at;
        if (!zeros(there * owner.bdev.geometry().blockSize())) {
            finish(Status.FAILED);
            return;
        }
        below = owner.outsideChannel();
        type = IoType.READ;
        offsetBlocks = at * outside.scale();
        blocks = there * outside.scale();
        own.slice(parent.data, 0, there * owner.bdev.geometry().blockSize());
        data = own;
        at = end;
        below.submit(this);
    }

    /** Fills the memory from this byte on; false when it lies in a file that another process has made shorter. */
    private boolean zeros(long from) {
        if (from == 0 && parent.takesZeros) {
            parent.zeros = true;
            return true;
        }
        try {
            parent.data.zero(from);
            return true;
        } catch (InternalError e) {
            return false;
        }
    }

    private void write() {
        int index = owner.clusterAt(at);
        int own = owner.contents.own(index);
        if (own > 0) {
            forward(IoType.WRITE, own, end - at);
        } else {
            ask(Question.ALLOCATE, index, 1);
        }
    }

    private void forward(IoType as, int onBase, long length) {
        if (below != owner.base) {
            below = owner.base;
        }
        if (type != as) {
            type = as;
        }
        offsetBlocks = owner.translate(at, onBase);
        blocks = length;
        if (as.hasData()) {
            data = parent.data;
        }
        at += length;
        below.submit(this);
    }

    /** Whole clusters are given back, others are zeroed where they are; where zeros are read there is nothing to do. */
    private void clear() {
        while (at < end) {
            int index = owner.clusterAt(at);
            long part = endOf(index) - at;
            int own = owner.contents.own(index);
            if (own <= 0 && owner.contents.find(index) == Contents.ZEROS) {
                at += part;
                continue;
            }
            if (part == owner.clusterBlocks && releases()) {
                release(index);
            } else if (own > 0) {
                forward(zeroing(), own, part);
            } else {
                ask(Question.ALLOCATE, index, 1);
            }
            return;
        }
        finish(Status.OK);
    }

    private boolean releases() {
        return !keeps && owner.bdev.changer().releases();
    }

    private IoType zeroing() {
        var base = owner.bdev.ground().base().bdev();
        boolean unmaps = parent.type == IoType.UNMAP && base.unmapReadsZeroes() && base.supports(IoType.UNMAP);
        return unmaps ? IoType.UNMAP : IoType.WRITE_ZEROES;
    }

    private void release(int index) {
        long whole = (end - at) / owner.clusterBlocks;
        ask(Question.RELEASE, index, (int) whole);
    }

    private void flush() {
        if (owner.bdev.changer() == null) {
            finish(Status.OK);
        } else {
            ask(Question.FLUSH, 0, 0);
        }
    }

    /** Data is what the volume or one that it stands on has. */
    private void seek() {
        boolean data = parent.type == IoType.SEEK_DATA;
        while (at < end && owner.contents.find(owner.clusterAt(at)) == Contents.ZEROS == data) {
            at = endOf(owner.clusterAt(at));
        }
        parent.result = at;
        finish(Status.OK);
    }

    private void ask(Question asked, int first, int number) {
        question = asked;
        cluster = first;
        count = number;
        owner.bdev.changer().reactor().send(ask);
        if (asked == Question.RELEASE) {
            owner.exclude();
        }
    }

    /** On the reactor of the pool. */
    private void ask() {
        Changer changer = owner.bdev.changer();
        switch (question) {
            case ALLOCATE -> changer.allocate(cluster, this::answer);
            case RELEASE -> changer.release(cluster, count, this::answer);
            case FLUSH -> changer.flush(this::answer);
        }
    }

    private void answer(int status) {
        answer = status;
        owner.reactor().send(heard);
    }

    /** The pool has answered: back on the channel's reactor, and not paused. */
    void answered() {
        if (question == Question.RELEASE) {
            keeps |= answer != Status.OK;
            at += answer == Status.OK ? count * owner.clusterBlocks : 0;
            step();
        } else if (answer != Status.OK || question == Question.FLUSH) {
            finish(answer);
        } else {
            step();
        }
    }

    /** Only what is below is hurried; the pool answers soon by itself. */
    void abort() {
        if (below != null) {
            below.abort(this);
        }
    }

    @Override
    protected void ended(int status) {
        if (status == Status.OK && at < end) {
            step();
        } else {
            finish(status);
        }
    }

    /** Goes back to the pool first: whoever hears of the end may submit again at once. */
    private void finish(int status) {
        BdevIo io = parent;
        parent = null;
        if (keeps) {
            keeps = false;
        }
        io.moduleState = null;
        owner.free(this);
        io.complete(status);
    }
}
