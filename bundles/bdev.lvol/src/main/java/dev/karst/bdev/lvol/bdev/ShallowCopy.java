package dev.karst.bdev.lvol.bdev;

import dev.karst.base.Errno;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.Bdev;
import dev.karst.bdev.BdevDescriptor;
import dev.karst.bdev.BdevEvents;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.Claim;
import dev.karst.bdev.IoType;
import dev.karst.bdev.QueuedChannel;
import dev.karst.bdev.lvol.base.Base;
import dev.karst.bdev.lvol.base.Transfer;
import dev.karst.bdev.lvol.store.LvolStore;
import dev.karst.bdev.lvol.store.Volume;
import dev.karst.env.Region;
import java.util.ArrayList;
import java.util.List;

/**
 * A copy of the clusters that a read-only volume has itself to a block device, each to where it lies in the volume; what the volume
 * sees through its parent is not copied. While it runs, the device is claimed, and the volume stays as it is. Some clusters are on
 * their way at a time; it is complete when all of them are durable. The figures may be asked by any thread.
 */
public final class ShallowCopy {
    private static final int LANES = 4;

    /** How far it is. */
    public enum State {
        IN_PROGRESS,
        COMPLETE,
        ERROR;

        /** As SPDK calls it. */
        public String text() {
            return switch (this) {
                case IN_PROGRESS -> "in progress";
                case COMPLETE -> "complete";
                case ERROR -> "error";
            };
        }
    }

    private final Base base;
    private final LvolStore store;
    private final Volume volume;
    private final BdevDescriptor target;
    private final Region buffers;
    private final int total;
    private final OwnPool pool;
    private volatile int copied;
    private volatile int status = Status.OK;
    private volatile State state = State.IN_PROGRESS;
    /** These are the reactor's. */
    private final List<Transfer> lanes = new ArrayList<>();
    private final List<Runnable> waiting = new ArrayList<>();
    private QueuedChannel channel;
    private int next;
    private int running;

    /** A pool and what of it is copied. */
    record Source(Base base, LvolStore store, Volume volume, OwnPool pool) {}

    private ShallowCopy(Source source, BdevDescriptor target, Region buffers) {
        base = source.base;
        store = source.store;
        volume = source.volume;
        total = volume.allocatedClusters();
        this.target = target;
        this.buffers = buffers;
        pool = source.pool;
    }

    /** Hears of the target before there is a copy, too. On the reactor of the pool. */
    private static final class Ear implements BdevEvents {
        private ShallowCopy copy;
        private boolean isGone;

        @Override
        public void removed() {
            isGone = true;
            if (copy != null) {
                copy.stop(Status.REMOVED);
            }
        }
    }

    /**
     * Begins one. Control threads.
     *
     * @throws StorageException EPERM when the volume can be written or the device is in use, EINVAL when the device is too small or
     *     has other blocks, EBUSY when something else is done to the volume, or what the block layer says
     */
    static ShallowCopy start(Source source, String name) throws StorageException {
        Base base = source.base;
        requireReadOnly(source.volume);
        var ear = new Ear();
        BdevDescriptor target = base.host().registry().open(name, true, base.reactor(), ear);
        Region buffers = null;
        ShallowCopy copy = null;
        try {
            check(source, target.bdev());
            base.host().registry().claim(target, new Claim(Claim.Type.READ_MANY_WRITE_ONE, 0, "shallow copy of " + source.volume.name()));
            buffers = base.allocate((long) LANES * Transfer.BUFFER);
            var made = new ShallowCopy(source, target, buffers);
            base.run(() -> made.begin(ear), "the start of a shallow copy to " + name);
            copy = made;
            return copy;
        } finally {
            if (copy == null) {
                giveBack(base, buffers, target);
            }
        }
    }

    private static void giveBack(Base base, Region buffers, BdevDescriptor target) {
        if (buffers != null) {
            base.free(buffers);
        }
        target.close();
    }

    private static void requireReadOnly(Volume volume) throws StorageException {
        if (!volume.readOnly()) {
            throw StorageException.failure(
                Errno.EPERM, "volume " + volume.name() + " can be written; make a snapshot of it, and copy that");
        }
    }

    private static void check(Source source, Bdev target) throws StorageException {
        long bytes = (long) source.volume.clusters() * source.store.clusterSize();
        source.base.checkBlocks(target);
        if (target.blocks() * target.blockSize() < bytes) {
            throw StorageException.failure(Errno.EINVAL, target.name() + " has " + target.blocks() * target.blockSize()
                + " bytes, and volume " + source.volume.name() + " is " + bytes + " bytes long");
        }
    }

    private void begin(Ear ear) throws StorageException {
        if (ear.isGone) {
            throw StorageException.failure(Errno.ENODEV, target.bdev().name() + " goes away");
        }
        store.hold(volume, "a shallow copy");
        boolean opened = false;
        try {
            channel = new QueuedChannel(target.openChannel(base.reactor()));
            pool.began(this);
            opened = true;
        } finally {
            if (!opened) {
                store.letGo(volume);
                closeChannel();
            }
        }
        ear.copy = this;
        var from = new Transfer.Side(base.channel(), base.descriptor().blockSize());
        var to = new Transfer.Side(channel, target.blockSize());
        for (int i = 0; i < LANES; i++) {
            lanes.add(new Transfer(buffers.address() + (long) i * Transfer.BUFFER, from, to));
        }
        running = LANES;
        // Later, so that whoever began it knows of it before it ends.
        base.reactor().execute(() -> lanes.forEach(this::step));
    }

    /** The next cluster that is there; -1 for none. */
    private int nextOwn() {
        while (next < volume.clusters()) {
            int index = next++;
            if (volume.own(index) > 0) {
                return index;
            }
        }
        return -1;
    }

    private void step(Transfer lane) {
        int index = status == Status.OK ? nextOwn() : -1;
        if (index >= 0) {
            long size = store.clusterSize();
            lane.go(volume.own(index) * size, index * size, size, ended -> {
                copied += ended == Status.OK ? 1 : 0;
                failed(ended);
                step(lane);
            });
            return;
        }
        running--;
        if (running == 0) {
            flush();
        }
    }

    private void failed(int ended) {
        if (status == Status.OK) {
            status = ended;
        }
    }

    private void flush() {
        if (status != Status.OK || !target.bdev().supports(IoType.FLUSH)) {
            finish();
            return;
        }
        var flush = new BdevIo(1) {
            @Override
            protected void ended(int ended) {
                failed(ended);
                finish();
            }
        };
        flush.type = IoType.FLUSH;
        flush.blocks = target.bdev().blocks();
        channel.submit(flush);
    }

    /** Nothing is in flight; what it had is given back before anybody hears of the end. */
    private void finish() {
        store.letGo(volume);
        closeChannel();
        giveBack(base, buffers, target);
        state = status == Status.OK ? State.COMPLETE : State.ERROR;
        pool.ended(this);
        waiting.forEach(Runnable::run);
    }

    private void closeChannel() {
        if (channel != null) {
            channel.close();
        }
    }

    private void stop(int why) {
        if (state == State.IN_PROGRESS) {
            failed(why);
            lanes.forEach(lane -> lane.stop(why));
        }
    }

    /** Ends it before its time; {@code ended} is run when it has let go of everything. On the reactor of the pool. */
    void cancel(Runnable ended) {
        if (state == State.IN_PROGRESS) {
            waiting.add(ended);
            stop(Status.ABORTED);
        } else {
            ended.run();
        }
    }

    public State state() {
        return state;
    }

    /** How many clusters have been copied. */
    public int copiedClusters() {
        return copied;
    }

    /** How many clusters the volume has itself. */
    public int totalClusters() {
        return total;
    }

    /** Why it failed, in words; empty while it has not. */
    public String error() {
        return status == Status.OK ? "" : Status.text(status);
    }
}
