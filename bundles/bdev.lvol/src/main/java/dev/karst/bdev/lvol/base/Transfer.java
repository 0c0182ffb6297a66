package dev.karst.bdev.lvol.base;

import dev.karst.base.ReactorConfined;
import dev.karst.base.Status;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.IoType;
import dev.karst.bdev.QueuedChannel;
import dev.karst.bdev.lvol.store.Done;

/** Copies from one device to another, piece by piece through a buffer; one copy at a time. */
@ReactorConfined
public final class Transfer extends BdevIo {
    /** Memory that it needs; larger than any block of a device that a pool can lie on. */
    public static final int BUFFER = 256 << 10;

    private final long buffer;
    private final Side source;
    private final Side target;
    /** Bytes, as the next two: where the next piece lies. */
    private long from;
    private long to;
    private long left;
    private int piece;
    private int stopped = Status.OK;
    private Done done;

    /** A device with a way in, and the bytes of its blocks. */
    public record Side(QueuedChannel channel, int blockSize) {}

    public Transfer(long buffer, Side source, Side target) {
        super(1);
        this.buffer = buffer;
        this.source = source;
        this.target = target;
    }

    /**
     * Copies so many bytes, whole blocks of both.
     *
     * @param told once; inside this call when nothing was to be done, or what is asked for is refused
     */
    public void go(long sourceOffset, long targetOffset, long length, Done told) {
        from = sourceOffset;
        to = targetOffset;
        left = length;
        done = told;
        next();
    }

    /** The copy that is under way, and each further one, ends with this status instead of its next piece. */
    public void stop(int status) {
        stopped = status;
    }

    private void next() {
        if (left == 0 || stopped != Status.OK) {
            finish(stopped);
            return;
        }
        piece = (int) Math.min(BUFFER, left);
        move(IoType.READ, source, from);
    }

    private void move(IoType as, Side side, long offset) {
        type = as;
        offsetBlocks = offset / side.blockSize;
        blocks = piece / side.blockSize;
        data.clear();
        data.set(buffer, piece);
        side.channel.submit(this);
    }

    @Override
    protected void ended(int status) {
        if (status != Status.OK) {
            finish(status);
        } else if (type == IoType.READ) {
            move(IoType.WRITE, target, to);
        } else {
            from += piece;
            to += piece;
            left -= piece;
            next();
        }
    }

    private void finish(int status) {
        Done told = done;
        done = null;
        told.done(status);
    }
}
