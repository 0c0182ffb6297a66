package dev.karst.bdev.lvol.bdev;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.Bdev;
import dev.karst.bdev.BdevDescriptor;
import dev.karst.bdev.BdevEvents;
import dev.karst.bdev.Claim;
import dev.karst.bdev.QueuedChannel;
import dev.karst.bdev.module.BdevHost;
import dev.karst.env.Region;
import dev.karst.reactor.Reactor;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** A block device that a pool lies on: opened, with a way in for one reactor, and claimed once a pool was found. Control threads. */
final class Base implements AutoCloseable {
    /** As long as a device may take for one I/O. */
    static final long PATIENCE_MS = 120_000;

    final BdevHost host;
    final Reactor reactor;
    final BdevDescriptor descriptor;
    /** Of the reactor. */
    private QueuedChannel channel;
    private volatile Runnable whenRemoved = () -> { };

    private Base(BdevHost host, Reactor reactor, String name) throws StorageException {
        this.host = host;
        this.reactor = reactor;
        descriptor = host.registry().open(name, false, reactor, events());
        boolean opened = false;
        try {
            openChannel();
            opened = true;
        } finally {
            if (!opened) {
                descriptor.close();
            }
        }
    }

    /** @throws StorageException what the block layer says; EINVAL for blocks that no pool can lie on */
    static Base open(BdevHost host, Bdev bdev) throws StorageException {
        if (Pools.isVolume(bdev)) {
            throw StorageException.failure(
                Errno.EINVAL, bdev.name() + " is a volume itself; a store on it would not be found again, as volumes hold what their hosts write");
        }
        if (!hasRightBlocks(bdev)) {
            throw StorageException.failure(Errno.EINVAL, bdev.name() + " has blocks of " + bdev.blockSize() + " bytes, "
                + bdev.metadata().bytes() + " of them metadata; volumes need a device of blocks up to 4096 bytes without metadata");
        }
        return new Base(host, host.reactors().next(), bdev.name());
    }

    /** Whether a pool can lie on its blocks. */
    static boolean hasRightBlocks(Bdev bdev) {
        return bdev.blockSize() <= Pool.MOST_BLOCK && bdev.metadata().bytes() == 0;
    }

    private BdevEvents events() {
        return new BdevEvents() {
            @Override
            public void removed() {
                host.environment().threads().background().execute(() -> whenRemoved.run());
            }
        };
    }

    /** In the place of the one before, in which nothing is in flight. */
    private void openChannel() throws StorageException {
        run(() -> {
            if (channel != null) {
                channel.close();
                channel = null;
            }
            channel = new QueuedChannel(descriptor.openChannel(reactor));
        }, "a channel of " + name());
    }

    /** The way in for the reactor, which alone may ask. */
    QueuedChannel channel() {
        return channel;
    }

    String name() {
        return descriptor.bdev().name();
    }

    /** Nothing is in flight; what the claim allows holds for a new channel. */
    void claim(Claim.Type type, String owner) throws StorageException {
        host.registry().claim(descriptor, new Claim(type, 0, owner));
        openChannel();
    }

    /** What is done when the device goes; on a control thread. */
    void whenRemoved(Runnable task) {
        whenRemoved = task;
    }

    Region allocate(long bytes) throws StorageException {
        return host.environment().memory().allocate("lvol " + name(), bytes);
    }

    void free(Region region) {
        host.environment().memory().free(region);
    }

    /** Starts something on the reactor and waits for its end. */
    <T> T await(Consumer<CompletableFuture<T>> start, String what) throws StorageException {
        var future = new CompletableFuture<T>();
        reactor.execute(() -> start.accept(future));
        return host.reactors().await(future, PATIENCE_MS, what);
    }

    /** What may be refused. */
    @FunctionalInterface
    interface Action {
        void run() throws StorageException;
    }

    /** Does something on the reactor and waits for it. */
    void run(Action action, String what) throws StorageException {
        this.<Void>await(done -> {
            try {
                action.run();
                done.complete(null);
            } catch (StorageException e) {
                done.completeExceptionally(e);
            }
        }, what);
    }

    /** @throws StorageException EINVAL when a block of a volume is not made of whole blocks of that device */
    void checkBlocks(Bdev other) throws StorageException {
        int blockSize = descriptor.blockSize();
        if (other.metadata().bytes() > 0 || blockSize % other.blockSize() != 0) {
            throw StorageException.failure(Errno.EINVAL, other.name() + " has blocks of " + other.blockSize() + " bytes, "
                + other.metadata().bytes() + " of them metadata; those of the volumes have " + blockSize + ", which must be a multiple");
        }
    }

    /** Nothing is in flight. */
    @Override
    public void close() throws StorageException {
        host.reactors().call(reactor, _ -> {
            if (channel != null) {
                channel.close();
            }
            return null;
        });
        descriptor.close();
    }
}
