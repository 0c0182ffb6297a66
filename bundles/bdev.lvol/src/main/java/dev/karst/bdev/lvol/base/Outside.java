package dev.karst.bdev.lvol.base;

import dev.karst.base.Errno;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.BdevDescriptor;
import dev.karst.bdev.BdevEvents;
import dev.karst.bdev.Claim;
import dev.karst.bdev.QueuedChannel;
import dev.karst.bdev.lvol.store.Done;
import dev.karst.bdev.lvol.store.ExternalSource;
import dev.karst.env.Region;
import dev.karst.reactor.Reactor;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * A block device outside of a pool that volumes of the pool stand on: opened to be read, and claimed so that nobody writes it. Whoever uses
 * it holds it; it is closed when the last one has let go.
 */
public final class Outside implements ExternalSource {
    private static final System.Logger LOG = System.getLogger(Outside.class.getName());
    /** Copies at a time; further ones wait. */
    private static final int LANES = 4;

    private final Base base;
    private final BdevDescriptor descriptor;
    private final Region buffers;
    private final int scale;
    /** The pool, each channel of a volume and each copy. */
    private final AtomicInteger users = new AtomicInteger(1);
    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    /** Of the reactor of the pool, as the next two. */
    private QueuedChannel channel;
    private final ArrayDeque<Transfer> idle = new ArrayDeque<>();
    private final ArrayDeque<Copy> waiting = new ArrayDeque<>();

    /** Hears of the device before it is used, too. On the reactor of the pool. */
    private static final class Ear implements BdevEvents {
        private final Base base;
        private final Consumer<Outside> whenRemoved;
        private Outside outside;
        private boolean isGone;

        Ear(Base base, Consumer<Outside> whenRemoved) {
            this.base = base;
            this.whenRemoved = whenRemoved;
        }

        void begin(Outside begun) throws StorageException {
            if (isGone) {
                throw StorageException.failure(Errno.ENODEV, begun.name() + " goes away");
            }
            outside = begun;
        }

        @Override
        public void removed() {
            isGone = true;
            if (outside != null) {
                base.host().environment().threads().background().execute(() -> whenRemoved.accept(outside));
            }
        }
    }

    private record Copy(long offset, long target, long length, Done done) {}

    private Outside(Base base, BdevDescriptor descriptor, Region buffers) {
        this.base = base;
        this.descriptor = descriptor;
        this.buffers = buffers;
        scale = base.descriptor().blockSize() / descriptor.blockSize();
    }

    /**
     * Opens the device of that UUID. Control threads.
     *
     * @param whenRemoved told on a control thread when the device goes
     * @throws StorageException ENODEV when there is none, EPERM when somebody may write it, EINVAL when its blocks do not fit
     */
    static Outside open(Base base, String uuid, Consumer<Outside> whenRemoved) throws StorageException {
        var ear = new Ear(base, whenRemoved);
        BdevDescriptor descriptor = base.host().registry().open(uuid, false, base.reactor(), ear);
        Region buffers = null;
        Outside outside = null;
        try {
            base.checkBlocks(descriptor.bdev());
            base.checkIndependent(descriptor.bdev());
            base.host().registry().claim(
                descriptor, new Claim(Claim.Type.READ_MANY_WRITE_NONE, 0, "clones in the lvol store on " + base.name()));
            buffers = base.allocate((long) LANES * Transfer.BUFFER);
            var made = new Outside(base, descriptor, buffers);
            made.openChannel(ear);
            outside = made;
            return outside;
        } finally {
            if (outside == null) {
                if (buffers != null) {
                    base.free(buffers);
                }
                descriptor.close();
            }
        }
    }

    private void openChannel(Ear ear) throws StorageException {
        base.run(() -> {
            ear.begin(this);
            channel = new QueuedChannel(descriptor.openChannel(base.reactor()));
            var from = new Transfer.Side(channel, descriptor.blockSize());
            var to = new Transfer.Side(base.channel(), base.descriptor().blockSize());
            for (int i = 0; i < LANES; i++) {
                idle.add(new Transfer(buffers.address() + (long) i * Transfer.BUFFER, from, to));
            }
        }, "a channel of " + descriptor.bdev().name());
    }

    /** Any thread. */
    public String name() {
        return descriptor.bdev().name();
    }

    /** How many of its blocks make one of a volume. Any thread. */
    public int scale() {
        return scale;
    }

    /** How many blocks of a volume it has. Any thread. */
    public long blocks() {
        return descriptor.bdev().blocks() / scale;
    }

    /** A way in for this reactor, to be {@linkplain #leave left}; null when it is going or has none. */
    public QueuedChannel enter(Reactor reactor) {
        if (!hold()) {
            return null;
        }
        QueuedChannel entered = null;
        try {
            entered = new QueuedChannel(descriptor.openChannel(reactor));
        } catch (StorageException e) {
            LOG.log(Level.WARNING, "Volumes on {0} cannot read it on reactor {1}: {2}", name(), reactor.id(), e.getMessage());
        } finally {
            if (entered == null) {
                release();
            }
        }
        return entered;
    }

    /** Nothing is in flight on the channel, which closes. On its reactor. */
    public void leave(QueuedChannel entered) {
        entered.close();
        release();
    }

    private boolean hold() {
        int held = users.get();
        while (held > 0 && !users.compareAndSet(held, held + 1)) {
            held = users.get();
        }
        return held > 0;
    }

    /** The last one closes it. Any thread. */
    void release() {
        if (users.decrementAndGet() == 0) {
            base.reactor().execute(() -> {
                channel.close();
                descriptor.close();
                base.free(buffers);
                closed.complete(null);
            });
        }
    }

    /** Done when nobody holds it any more. */
    CompletableFuture<Void> closed() {
        return closed;
    }

    @Override
    public void copy(long offset, long target, long length, Done done) {
        long there = Math.min(length, descriptor.bdev().blocks() * descriptor.blockSize() - offset);
        boolean held = hold();
        // Later, as a refusal would end inside the call.
        base.reactor().execute(() -> {
            if (there <= 0 || !held) {
                end(held, held ? Status.OK : Status.errno(Errno.EIO), done);
            } else {
                begin(new Copy(offset, target, there, done));
            }
        });
    }

    private void begin(Copy copy) {
        Transfer lane = idle.poll();
        if (lane == null) {
            waiting.add(copy);
            return;
        }
        lane.go(copy.offset, copy.target, copy.length, status -> {
            idle.add(lane);
            Copy next = waiting.poll();
            if (next != null) {
                begin(next);
            }
            end(true, status, copy.done);
        });
    }

    private void end(boolean held, int status, Done done) {
        if (held) {
            release();
        }
        done.done(status);
    }
}
