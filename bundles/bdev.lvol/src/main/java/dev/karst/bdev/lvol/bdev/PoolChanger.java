package dev.karst.bdev.lvol.bdev;

import dev.karst.base.Errno;
import dev.karst.base.Status;
import dev.karst.bdev.lvol.store.Done;
import dev.karst.bdev.lvol.store.LvolStore;
import dev.karst.bdev.lvol.store.Volume;
import dev.karst.reactor.Reactor;

/** What I/O on a volume asks of a pool of our own. */
final class PoolChanger implements Changer {
    private final Reactor reactor;
    private final LvolStore store;
    private final PausedVolumes paused;
    private final Volume volume;
    private final Runnable toldOfLoss;

    /** @param toldOfLoss run when a flush has failed because what was written before may be lost */
    PoolChanger(Reactor reactor, LvolStore store, PausedVolumes paused, Volume volume, Runnable toldOfLoss) {
        this.toldOfLoss = toldOfLoss;
        this.reactor = reactor;
        this.store = store;
        this.paused = paused;
        this.volume = volume;
    }

    @Override
    public Reactor reactor() {
        return reactor;
    }

    @Override
    public void allocate(int cluster, Done done) {
        store.allocate(volume, cluster, done);
    }

    @Override
    public void release(int cluster, int count, Done done) {
        paused.pause(volume, () -> {
            if (volume.thin()) {
                store.release(volume, cluster, count, (_, failure) -> released(failure == null ? Status.OK : Status.errno(failure.code()), done));
            } else {
                released(Status.errno(Errno.EINVAL), done);
            }
        });
    }

    private void released(int status, Done done) {
        paused.resume(volume);
        done.done(status);
    }

    @Override
    public void flush(Done done) {
        boolean owed = volume.owesFailure();
        store.flush(volume, done);
        if (owed && !volume.owesFailure()) {
            toldOfLoss.run();
        }
    }

    @Override
    public boolean releases() {
        return volume.thin();
    }
}
