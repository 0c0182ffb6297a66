package dev.karst.bdev.lvol.base;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.Bdev;
import dev.karst.bdev.BdevDescriptor;
import dev.karst.bdev.BdevEvents;
import dev.karst.bdev.BdevRegistry;
import dev.karst.bdev.Claim;
import dev.karst.bdev.QueuedChannel;
import dev.karst.bdev.module.BdevHost;
import dev.karst.env.Region;
import dev.karst.reactor.Reactor;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** A block device that a pool lies on: opened, with a way in for one reactor, and claimed once a pool was found. Control threads. */
public final class Base implements AutoCloseable {
    /** The module's name. */
    public static final String MODULE = "lvol";
    /** As long as a device may take for one I/O. */
    public static final long PATIENCE_MS = 120_000;
    /** Bytes of the largest blocks that a pool can lie on. */
    private static final int MOST_BLOCK = 4096;

    private final BdevHost host;
    private final Reactor reactor;
    private final BdevDescriptor descriptor;
    /** Of the reactor. */
    private QueuedChannel channel;
    /** Guarded by this, as is the next one; null for nobody yet. */
    private Runnable whenRemoved;
    private boolean isRemoved;

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
    public static Base open(BdevHost host, Bdev bdev) throws StorageException {
        if (isOnVolume(host.registry(), bdev)) {
            throw StorageException.failure(Errno.EINVAL, bdev.name() + (isVolume(bdev) ? " is a volume itself" : " stands on a volume")
                + "; a store on it would not be found again, as volumes hold what their hosts write");
        }
        if (!hasRightBlocks(bdev)) {
            throw StorageException.failure(Errno.EINVAL, bdev.name() + " has blocks of " + bdev.blockSize() + " bytes, "
                + bdev.metadata().bytes() + " of them metadata; volumes need a device of blocks up to 4096 bytes without metadata");
        }
        return new Base(host, host.reactors().next(), bdev.name());
    }

    /** Whether it is one of ours. What its host wrote there shall not look like a pool. */
    private static boolean isVolume(Bdev bdev) {
        return bdev.moduleName().equals(MODULE);
    }

    private static boolean isOnVolume(BdevRegistry registry, Bdev bdev) {
        return reaches(registry, bdev, Base::isVolume);
    }

    /** Whether a pool can lie there: on blocks like these, that are in no volume, also not through other devices. */
    public static boolean isPossible(BdevRegistry registry, Bdev bdev) {
        return hasRightBlocks(bdev) && !isOnVolume(registry, bdev);
    }

    /**
     * Whether such a device is among this one and all that it stands on, as far as modules say.
     *
     * @param sought which is looked for
     */
    private static boolean reaches(BdevRegistry registry, Bdev from, Predicate<Bdev> sought) {
        Set<String> seen = new HashSet<>();
        var next = new ArrayDeque<Bdev>(List.of(from));
        while (!next.isEmpty()) {
            Bdev bdev = next.remove();
            if (sought.test(bdev)) {
                return true;
            } else if (seen.add(bdev.name())) {
                bdev.standsOn().forEach(name -> registry.find(name).ifPresent(next::add));
            }
        }
        return false;
    }

    /** @throws StorageException EINVAL when a device stands on the pool itself, so that what stands on it would stand on itself */
    void checkIndependent(Bdev other) throws StorageException {
        if (!other.name().equals(name()) && reaches(host.registry(), other, below -> below.name().equals(name()))) {
            throw StorageException.failure(Errno.EINVAL, other.name() + " stands on a volume of the lvol store on " + name()
                + " itself; clone a snapshot of it");
        }
    }

    private static boolean hasRightBlocks(Bdev bdev) {
        return bdev.blockSize() <= MOST_BLOCK && bdev.metadata().bytes() == 0;
    }

    private BdevEvents events() {
        return new BdevEvents() {
            @Override
            public void removed() {
                removal();
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

    public BdevHost host() {
        return host;
    }

    /** The one that does all I/O of the pool itself. */
    public Reactor reactor() {
        return reactor;
    }

    public BdevDescriptor descriptor() {
        return descriptor;
    }

    /** The way in for the reactor, which alone may ask. */
    public QueuedChannel channel() {
        return channel;
    }

    public String name() {
        return descriptor.bdev().name();
    }

    /** Nothing is in flight; what the claim allows holds for a new channel. */
    public void claim(Claim.Type type, String owner) throws StorageException {
        host.registry().claim(descriptor, new Claim(type, 0, owner));
        openChannel();
    }

    /** What is done when the device goes, or has gone already; on a control thread. */
    public void whenRemoved(Runnable task) {
        boolean now;
        synchronized (this) {
            whenRemoved = task;
            now = isRemoved;
        }
        if (now) {
            host.environment().threads().background().execute(task);
        }
    }

    private void removal() {
        Runnable task;
        synchronized (this) {
            isRemoved = true;
            task = whenRemoved;
        }
        if (task != null) {
            host.environment().threads().background().execute(task);
        }
    }

    public Region allocate(long bytes) throws StorageException {
        return host.environment().memory().allocate("lvol " + name(), bytes);
    }

    public void free(Region region) {
        host.environment().memory().free(region);
    }

    /** Starts something on the reactor and waits for its end. */
    public <T> T await(Consumer<CompletableFuture<T>> start, String what) throws StorageException {
        var future = new CompletableFuture<T>();
        reactor.execute(() -> start.accept(future));
        return host.reactors().await(future, PATIENCE_MS, what);
    }

    /** What may be refused. */
    @FunctionalInterface
    public interface Action {
        void run() throws StorageException;
    }

    /** Does something on the reactor and waits for it. */
    public void run(Action action, String what) throws StorageException {
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
    public void checkBlocks(Bdev other) throws StorageException {
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
                channel = null;
            }
            return null;
        });
        descriptor.close();
    }
}
