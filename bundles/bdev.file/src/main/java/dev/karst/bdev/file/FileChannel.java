package dev.karst.bdev.file;

import dev.karst.base.Pool;
import dev.karst.base.ReactorConfined;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.IoType;
import dev.karst.bdev.module.ModuleChannel;
import dev.karst.env.DataFile;
import dev.karst.env.FileOp;
import dev.karst.env.FileRing;
import dev.karst.reactor.Reactor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * Turns each I/O into an operation of the reactor's ring. The rest of a short transfer is submitted again; while the
 * ring has no room for it, it waits here.
 */
@ReactorConfined
final class FileChannel extends ModuleChannel {
    /** Its share of the ring. */
    static final int DEPTH = 128;
    /** Most bytes of one operation. */
    static final int MAX_TRANSFER_BYTES = 1 << 20;

    private final Reactor reactor;
    private final FileRing ring;
    private final DataFile file;
    /** Where what cannot be asked of the ring is done. */
    private final Executor background;
    private final OpenChannels others;
    private final int blockShift;
    private final List<FileIo> all = new ArrayList<>(DEPTH);
    private final Pool<FileIo> pool = new Pool<>(DEPTH, this::make);
    private final StalledIos stalled;
    /** Told when nothing is in flight that reaches behind {@link #end}; null when nobody asks. */
    private CompletableFuture<Void> clear;
    private long end;

    FileChannel(Reactor reactor, DataFile file, int blockSize, Executor background, OpenChannels others)
        throws StorageException {
        this.reactor = reactor;
        this.ring = reactor.fileRing();
        this.file = file;
        this.background = background;
        this.others = others;
        this.blockShift = Integer.numberOfTrailingZeros(blockSize);
        this.stalled = new StalledIos(reactor, this);
    }

    private FileIo make() {
        FileIo op = new FileIo(this);
        all.add(op);
        return op;
    }

    Reactor reactor() {
        return reactor;
    }

    @Override
    public int submit(BdevIo io) {
        FileOp.Kind kind = switch (io.type) {
            case READ -> FileOp.Kind.READ;
            case WRITE -> FileOp.Kind.WRITE;
            case FLUSH -> FileOp.Kind.SYNC;
            case UNMAP -> FileOp.Kind.PUNCH;
            case WRITE_ZEROES -> FileOp.Kind.ZERO;
            default -> null;
        };
        if (io.type == IoType.SEEK_DATA || io.type == IoType.SEEK_HOLE) {
            return seek(io);
        }
        FileIo op = kind == null ? null : pool.take();
        if (op == null) {
            return kind == null ? Status.NOT_SUPPORTED : Status.NO_RESOURCE;
        }
        op.begin(io, kind, file, blockShift);
        int status = ring.submit(op);
        if (status != Status.OK) {
            op.detach();
            pool.give(op);
        }
        return status;
    }

    private int seek(BdevIo io) {
        FileIo op = pool.take();
        if (op == null) {
            return Status.NO_RESOURCE;
        }
        op.begin(io, null, file, blockShift);
        var seek = new Seek(file, io, blockShift);
        background.execute(() -> {
            int status = seek.run();
            reactor.execute(() -> {
                io.result = seek.found();
                end(op, status);
            });
        });
        return Status.OK;
    }

    /** Goes on with an operation that has begun: it is in flight again, or waits for room. */
    void resubmit(FileIo op) {
        int status = ring.submit(op);
        if (status == Status.NO_RESOURCE) {
            stalled.add(op);
        } else if (status != Status.OK) {
            end(op, status);
        }
    }

    /** The I/O has ended. */
    void end(FileIo op, int status) {
        BdevIo io = op.detach();
        pool.give(op);
        stalled.retry();
        io.complete(status);
        if (clear != null) {
            tellIfClear();
        }
    }

    /** Tells when nothing is in flight that reaches behind byte {@code end}. */
    void whenNothingBehind(long end, CompletableFuture<Void> clear) {
        this.end = end;
        this.clear = clear;
        tellIfClear();
    }

    private void tellIfClear() {
        for (FileIo op : all) {
            if (op.reachesBehind(end)) {
                return;
            }
        }
        clear.complete(null);
        clear = null;
    }

    @Override
    public void abort(BdevIo io) {
        var op = (FileIo) io.moduleState;
        if (op == null) {
            return;
        }
        if (stalled.remove(op)) {
            end(op, Status.ABORTED);
        } else {
            ring.cancel(op);
        }
    }

    @Override
    public void close() {
        assert pool.free() == DEPTH : "closed with I/O in flight";
        stalled.close();
        others.remove(this);
    }
}
