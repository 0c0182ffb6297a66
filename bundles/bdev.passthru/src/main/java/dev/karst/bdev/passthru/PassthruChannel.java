package dev.karst.bdev.passthru;

import dev.karst.base.Pool;
import dev.karst.base.ReactorConfined;
import dev.karst.base.Status;
import dev.karst.bdev.BdevChannel;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.module.ModuleChannel;

/**
 * Forwards each I/O as one of its own to the base. An I/O that the base has no room for waits here, in order, until the
 * base tells that there is room.
 */
@ReactorConfined
final class PassthruChannel extends ModuleChannel {
    /** Most I/Os forwarded at a time; the block layer queues the others. */
    static final int DEPTH = 256;

    private final BdevChannel base;
    private final Pool<ForwardIo> pool = new Pool<>(DEPTH, () -> new ForwardIo(this));
    private final WaitingIos waiting = new WaitingIos();
    private final BdevChannel.Waiter room = new BdevChannel.Waiter() {
        @Override
        public void available() {
            submitWaiting();
        }
    };

    PassthruChannel(BdevChannel base) {
        this.base = base;
    }

    @Override
    public int submit(BdevIo io) {
        ForwardIo child = pool.take();
        if (child == null) {
            return Status.NO_RESOURCE;
        }
        child.forward(io);
        int status = waiting.isEmpty() ? base.submit(child) : Status.NO_RESOURCE;
        if (status == Status.NO_RESOURCE) {
            waiting.append(child);
            base.whenAvailable(room);
        } else if (status != Status.OK) {
            child.detach();
            pool.give(child);
            return status;
        }
        return Status.OK;
    }

    private void submitWaiting() {
        while (!waiting.isEmpty()) {
            ForwardIo child = waiting.first();
            int status = base.submit(child);
            if (status == Status.NO_RESOURCE) {
                base.whenAvailable(room);
                return;
            }
            waiting.remove(child);
            if (status != Status.OK) {
                child.ended(status);
            }
        }
    }

    @Override
    public void abort(BdevIo io) {
        var child = (ForwardIo) io.moduleState;
        if (child == null) {
            return;
        }
        if (waiting.remove(child)) {
            child.ended(Status.ABORTED);
        } else {
            child.abort(base);
        }
    }

    /** The child serves nobody any more. */
    void free(ForwardIo child) {
        pool.give(child);
    }

    /** How many more can be forwarded now. */
    int room() {
        return pool.free();
    }

    @Override
    public void close() {
        assert pool.free() == DEPTH : "closed with I/O in flight";
        base.close();
    }
}
