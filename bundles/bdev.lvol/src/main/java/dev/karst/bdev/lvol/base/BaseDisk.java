package dev.karst.bdev.lvol.base;

import dev.karst.base.Mem;
import dev.karst.base.Status;
import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.IoType;
import dev.karst.bdev.lvol.spdk.PoolDisk;
import dev.karst.env.Region;
import java.util.concurrent.CompletableFuture;

/** Reads a block device for whoever looks for a pool on it. Control threads, one at a time. */
public final class BaseDisk implements PoolDisk, AutoCloseable {
    private static final int MOST = 1 << 20;

    private final Base base;
    private final Region buffer;

    public BaseDisk(Base base) throws StorageException {
        this.base = base;
        buffer = base.allocate(MOST);
    }

    /** One read. */
    private final class Read extends BdevIo {
        private final CompletableFuture<Integer> told;

        Read(long offset, int length, CompletableFuture<Integer> told) {
            super(1);
            this.told = told;
            int blockSize = base.descriptor().blockSize();
            type = IoType.READ;
            offsetBlocks = offset / blockSize;
            blocks = length / blockSize;
            data.set(buffer.address(), length);
        }

        @Override
        protected void ended(int status) {
            told.complete(status);
        }
    }

    @Override
    public String name() {
        return base.name();
    }

    @Override
    public long bytes() {
        return base.descriptor().bdev().blocks() * base.descriptor().blockSize();
    }

    @Override
    public byte[] read(long offset, int length) throws StorageException {
        byte[] read = new byte[length];
        for (int at = 0; at < length; at += MOST) {
            long from = offset + at;
            int part = Math.min(MOST, length - at);
            int status = base.<Integer>await(told -> base.channel().submit(new Read(from, part, told)), "a read of " + name());
            if (status != Status.OK) {
                throw StorageException.failure(Errno.EIO, name() + " cannot be read at byte " + from + ": " + Status.text(status));
            }
            Mem.get(buffer.address(), read, at, part);
        }
        return read;
    }

    @Override
    public void close() {
        base.free(buffer);
    }
}
