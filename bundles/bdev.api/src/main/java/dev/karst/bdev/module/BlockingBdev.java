package dev.karst.bdev.module;

import dev.karst.bdev.IoType;
import dev.karst.env.Environment;
import dev.karst.reactor.Reactor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;

/**
 * A block device by code that waits, as for a network: each I/O is done on a thread of its own, up to {@value #DEPTH} at once for each
 * reactor, and more wait. It sees memory through buffers of the right size only. What it throws ends the I/O with an error and nothing
 * else. An I/O that is to be aborted has its thread interrupted, and stays in flight until that has returned.
 *
 * <p>The methods are called by several threads at a time, never by a reactor, and may wait for as long as they like.
 */
public abstract class BlockingBdev extends ModuleBdev {
    /** I/Os at once on each reactor. */
    public static final int DEPTH = 32;

    private final Executor threads;

    /** A device whose I/O runs on threads of the environment, {@code creation.host().environment()}. */
    protected BlockingBdev(Environment environment, Geometry geometry) {
        super(geometry);
        this.threads = environment.threads().background();
    }

    /**
     * Fills the buffer with what the device holds from this byte on.
     *
     * @param offset in bytes, a multiple of the block size but for I/O whose memory is in pieces
     * @throws IOException why it cannot; the host sees an error of this I/O alone
     */
    protected abstract void read(long offset, ByteBuffer into) throws IOException, InterruptedException;

    /** Puts all of the buffer where the device holds what is from this byte on. Asked only of a device that can be written. */
    protected void write(long offset, ByteBuffer from) throws IOException, InterruptedException {
        throw new IOException("this device does not write");
    }

    /** Makes durable what was written. Asked only of a device that can be written. */
    protected void flush() throws IOException, InterruptedException {}

    @Override
    public boolean supports(IoType type) {
        return type == IoType.READ || !geometry().readOnly() && (type == IoType.WRITE || type == IoType.FLUSH);
    }

    @Override
    public final ModuleChannel openChannel(Reactor reactor) {
        return new BlockingChannel(this, reactor, threads);
    }
}
