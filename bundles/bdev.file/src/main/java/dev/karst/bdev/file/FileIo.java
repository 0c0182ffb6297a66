package dev.karst.bdev.file;

import dev.karst.base.Errno;
import dev.karst.base.IoVector;
import dev.karst.base.ReactorConfined;
import dev.karst.base.Status;
import dev.karst.bdev.BdevIo;
import dev.karst.env.DataFile;
import dev.karst.env.FileOp;
import dev.karst.env.FileRing;

/** The operation of the ring that carries out one I/O; pooled. */
@ReactorConfined
final class FileIo extends FileOp {
    private final FileChannel channel;
    /** What is left of the data after a short transfer. */
    private final IoVector rest = new IoVector(FileRing.MAX_SEGMENTS);
    private BdevIo io;
    private long done;

    FileIo(FileChannel channel) {
        this.channel = channel;
    }

    /** Takes over what {@code io} wants. */
    void begin(BdevIo io, Kind kind, DataFile file, int blockShift) {
        this.io = io;
        io.moduleState = this;
        done = 0;
        this.kind = kind;
        this.file = file;
        offset = io.offsetBlocks << blockShift;
        length = io.type.hasData() ? io.data.bytes() : io.blocks << blockShift;
        data = io.type.hasData() ? io.data : null;
    }

    /** Lets go of the I/O, which is returned. */
    BdevIo detach() {
        BdevIo was = io;
        io = null;
        data = null;
        was.moduleState = null;
        return was;
    }

    /** Whether it is in flight and touches what lies behind that byte. */
    boolean reachesBehind(long end) {
        return io != null && kind != Kind.SYNC && offset + length > end;
    }

    @Override
    public void completed(int result) {
        if (result < 0) {
            failed(result);
        } else if (data == null || result == length) {
            channel.end(this, Status.OK);
        } else if (result == 0) {
            // The file has become shorter than it was.
            channel.end(this, Status.errno(Errno.EIO));
        } else {
            goOn(result);
        }
    }

    private void failed(int result) {
        if (result == -Errno.EINTR || result == -Errno.EAGAIN) {
            channel.resubmit(this);
        } else {
            channel.end(this, result == -Errno.ECANCELED ? Status.ABORTED : Status.errno(result));
        }
    }

    /** Submits what the kernel left over. */
    private void goOn(int moved) {
        done += moved;
        offset += moved;
        length -= moved;
        rest.slice(io.data, done, length);
        data = rest;
        channel.resubmit(this);
    }
}
