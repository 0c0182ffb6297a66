package dev.karst.bdev.module;

import dev.karst.base.Mem;
import dev.karst.base.ReactorConfined;
import dev.karst.base.Status;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.IoType;
import dev.karst.reactor.Message;
import dev.karst.reactor.Reactor;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;

/** Hands I/O from a reactor to threads that may wait, and its end back. */
@ReactorConfined
final class BlockingChannel extends ModuleChannel {
    private static final System.Logger LOG = System.getLogger(BlockingChannel.class.getName());

    /** One I/O under way. Sent back to the reactor when its thread is done. */
    private final class Work extends Message {
        private final Runnable task = this::work;
        private BdevIo io;
        private int status;
        /** Guarded by this: its thread, while it is at work, and whether that is to stop. */
        private Thread thread;
        private boolean aborted;

        void begin(BdevIo begun) {
            io = begun;
            synchronized (this) {
                aborted = false;
            }
            threads.execute(task);
        }

        synchronized void abort() {
            aborted = true;
            if (thread != null) {
                thread.interrupt();
            }
        }

        /** Whether there is anything left to do. */
        private synchronized boolean enter() {
            thread = aborted ? null : Thread.currentThread();
            return !aborted;
        }

        private synchronized int leave(boolean isDone) {
            thread = null;
            return isDone ? Status.OK : aborted ? Status.ABORTED : Status.FAILED;
        }

        /** On a thread of its own. An error of the machine leaves the I/O failed, and goes on to who runs the thread. */
        private void work() {
            boolean isDone = false;
            try {
                if (enter()) {
                    perform(io);
                    isDone = true;
                }
            } catch (IOException | InterruptedException | RuntimeException e) {
                LOG.log(Level.WARNING, bdev.geometry().name() + " cannot " + io.type + " at block " + io.offsetBlocks + ": " + e);
            } finally {
                status = leave(isDone);
                reactor.send(this);
            }
        }

        @Override
        public void run() {
            BdevIo ended = io;
            io = null;
            ended.moduleState = null;
            idle[idleCount++] = this;
            ended.complete(status);
        }
    }

    private final BlockingBdev bdev;
    private final Reactor reactor;
    private final Executor threads;
    private final Work[] idle = new Work[BlockingBdev.DEPTH];
    private int idleCount = idle.length;

    BlockingChannel(BlockingBdev bdev, Reactor reactor, Executor threads) {
        this.bdev = bdev;
        this.reactor = reactor;
        this.threads = threads;
        for (int i = 0; i < idle.length; i++) {
            idle[i] = new Work();
        }
    }

    @Override
    public int submit(BdevIo io) {
        if (idleCount == 0) {
            return Status.NO_RESOURCE;
        }
        Work work = idle[--idleCount];
        io.moduleState = work;
        work.begin(io);
        return Status.OK;
    }

    @Override
    public void abort(BdevIo io) {
        ((Work) io.moduleState).abort();
    }

    @Override
    public void close() {
        // Nothing is in flight, and the threads are the environment's.
    }

    private void perform(BdevIo io) throws IOException, InterruptedException {
        if (io.type == IoType.FLUSH) {
            bdev.flush();
            return;
        }
        long offset = io.offsetBlocks * bdev.geometry().blockSize();
        for (int i = 0; i < io.data.count(); i++) {
            ByteBuffer buffer = Mem.buffer(io.data.address(i), io.data.length(i));
            if (io.type == IoType.READ) {
                bdev.read(offset, buffer);
            } else {
                bdev.write(offset, buffer.asReadOnlyBuffer());
            }
            if (buffer.hasRemaining() && io.type == IoType.READ) {
                throw new IOException("only " + buffer.position() + " of " + buffer.limit() + " bytes were read");
            }
            offset += io.data.length(i);
        }
    }
}
