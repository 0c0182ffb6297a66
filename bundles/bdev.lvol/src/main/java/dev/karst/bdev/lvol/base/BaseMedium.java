package dev.karst.bdev.lvol.base;

import dev.karst.base.Mem;
import dev.karst.base.ReactorConfined;
import dev.karst.base.Status;
import dev.karst.bdev.BdevDescriptor;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.IoType;
import dev.karst.bdev.lvol.store.Done;
import dev.karst.bdev.lvol.store.Medium;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Timer;
import java.util.ArrayDeque;

/** A block device as a store sees it: some I/Os at a time through buffers of a page each, and what comes more waits. */
@ReactorConfined
public final class BaseMedium implements Medium {
    private static final int DEPTH = 32;
    private static final int BUFFER = 4096;
    private static final long NANOS_IN_MS = 1_000_000;
    /** Memory that it needs. */
    public static final long BYTES = (long) DEPTH * BUFFER;

    private final BdevDescriptor descriptor;
    private final Base base;
    private final Reactor reactor;
    private final int blockSize;
    private final ArrayDeque<Io> idle = new ArrayDeque<>(DEPTH);
    private final ArrayDeque<Request> waiting = new ArrayDeque<>();

    /** What the store asks for; {@code bytes} is where it reads to or writes from, {@code source} where it copies from. */
    private record Request(IoType type, long offset, long length, byte[] bytes, long source, Done done) {}

    /** @param buffers address of so much memory */
    public BaseMedium(Base base, long buffers) {
        this.base = base;
        descriptor = base.descriptor();
        reactor = base.reactor();
        blockSize = descriptor.blockSize();
        for (int i = 0; i < DEPTH; i++) {
            idle.add(new Io(buffers + (long) i * BUFFER));
        }
    }

    private final class Io extends BdevIo {
        private final long buffer;
        private Request request;

        Io(long buffer) {
            super(1);
            this.buffer = buffer;
        }

        void begin(Request begun) {
            request = begun;
            type = begun.type;
            offsetBlocks = begun.offset / blockSize;
            blocks = begun.length / blockSize;
            sourceBlock = begun.source / blockSize;
            data.clear();
            if (type.hasData()) {
                data.set(buffer, (int) begun.length);
            }
            if (type == IoType.WRITE) {
                Mem.put(buffer, begun.bytes, 0, (int) begun.length);
            }
            base.channel().submit(this);
        }

        @Override
        protected void ended(int status) {
            Request ended = request;
            request = null;
            if (status == Status.OK && type == IoType.READ) {
                Mem.get(buffer, ended.bytes, 0, (int) ended.length);
            }
            Request next = waiting.poll();
            if (next == null) {
                idle.add(this);
            } else {
                begin(next);
            }
            ended.done.done(status);
        }
    }

    /** Later, for a refusal would end inside the call. */
    private void go(Request request) {
        reactor.execute(() -> {
            Io io = idle.poll();
            if (io == null) {
                waiting.add(request);
            } else {
                io.begin(request);
            }
        });
    }

    private boolean does(IoType type) {
        return descriptor.bdev().supports(type);
    }

    @Override
    public long bytes() {
        return descriptor.bdev().blocks() * blockSize;
    }

    @Override
    public int blockSize() {
        return blockSize;
    }

    @Override
    public boolean unmapReadsZeroes() {
        return does(IoType.UNMAP) && descriptor.bdev().unmapReadsZeroes();
    }

    @Override
    public void read(long offset, byte[] target, Done done) {
        go(new Request(IoType.READ, offset, target.length, target, 0, done));
    }

    @Override
    public void write(long offset, byte[] source, Done done) {
        go(new Request(IoType.WRITE, offset, source.length, source, 0, done));
    }

    @Override
    public void copy(long source, long target, long length, Done done) {
        go(new Request(IoType.COPY, target, length, null, source, done));
    }

    @Override
    public void zero(long offset, long length, Done done) {
        go(new Request(IoType.WRITE_ZEROES, offset, length, null, 0, done));
    }

    @Override
    public void unmap(long offset, long length, Done done) {
        if (does(IoType.UNMAP)) {
            go(new Request(IoType.UNMAP, offset, length, null, 0, done));
        } else {
            reactor.execute(() -> done.done(Status.OK));
        }
    }

    @Override
    public void flush(Done done) {
        if (does(IoType.FLUSH)) {
            go(new Request(IoType.FLUSH, 0, bytes(), null, 0, done));
        } else {
            reactor.execute(() -> done.done(Status.OK));
        }
    }

    @Override
    public void later(long millis, Runnable task) {
        reactor.schedule(new Timer() {
            @Override
            public void expired() {
                task.run();
            }
        }, millis * NANOS_IN_MS);
    }
}
