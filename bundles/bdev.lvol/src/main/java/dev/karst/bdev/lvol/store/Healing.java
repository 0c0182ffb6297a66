package dev.karst.bdev.lvol.store;

import dev.karst.base.Errno;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.lvol.disk.Page;
import dev.karst.bdev.lvol.disk.SuperBlock;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Takes a store back to its last durable change, as a power cut and a mount would, while all its volumes stand still. That is where it
 * stands after a flush has failed: any of what was written since may be lost, whatever the medium reads as, but nothing that the last
 * durable super block leads to. What the medium holds beyond is written anew before it counts for anything: free clusters are dirty, and
 * both super blocks get a generation above all that were ever written.
 */
final class Healing {
    /** A volume and what it stood on, by slots: -1 for none. */
    private record Standing(int slot, int parentSlot, String external) {}

    private final StoreState state;
    private final Changes changes;
    private final Allocations allocations;
    private final Parts parts;
    private final Outcome<StoreState> outcome;
    private final List<Volume> paused;
    private boolean wroteSecond;

    /**
     * No change, commit or check is under way, and none begins until the outcome.
     *
     * @param outcome told of the state that takes the place of this one, inside the pause; of a failure when all is as it was
     */
    Healing(StoreState state, Changes changes, Allocations allocations, Parts parts, Outcome<StoreState> outcome) {
        this.state = state;
        this.changes = changes;
        this.allocations = allocations;
        this.parts = parts;
        this.outcome = outcome;
        paused = state.volumes();
    }

    void go() {
        state.medium.flush(status -> {
            if (status != Status.OK) {
                outcome.failed(Failures.io("a flush", status));
            } else {
                probe();
            }
        });
    }

    /** No volume stands still for a medium that cannot be written: what is durable goes to where it may not be, or may be torn. */
    private void probe() {
        boolean isSecond = state.sure() == StoreState.Sure.FIRST;
        boolean isFirst = state.sure() == StoreState.Sure.SECOND;
        int page = isSecond ? SuperBlock.SECOND : isFirst ? SuperBlock.FIRST : state.believedPage();
        tryToWrite(page, state.durable(), outcome::failed, () -> {
            if (state.sure() == StoreState.Sure.NEITHER) {
                state.confirmed();
            }
            changes.pause(paused, () -> allocations.whenQuiet(this::read));
        });
    }

    private void read() {
        new Mount(state.medium, parts, (mount, failure) -> {
            if (failure != null) {
                end(null, failure);
            } else if (!mount.state().isDamagedLike(state)) {
                end(null, StorageException.failure(Errno.EIO, "reading the metadata again found " + mount.damage()));
            } else {
                makeSure(mount.state());
            }
        }).walk(state.nextSuperBlock(), _ -> true);
    }

    /** At any instant one super block is whole that leads to what is durable; at last the first is the new one. */
    private void makeSure(StoreState fresh) {
        switch (state.sure()) {
            case NEITHER -> throw new IllegalStateException("the probe made sure of one");
            case FIRST -> writeSuper(SuperBlock.SECOND, fresh.durable(), () -> {
                state.sure(StoreState.Sure.SECOND);
                wroteSecond = true;
                makeSure(fresh);
            });
            case SECOND -> writeSuper(SuperBlock.FIRST, fresh.durable(), () -> {
                fresh.sure(StoreState.Sure.FIRST);
                fresh.secondCurrent(wroteSecond);
                adopt(fresh);
                end(fresh, null);
            });
        }
    }

    private void writeSuper(int page, SuperBlock block, Runnable next) {
        tryToWrite(page, block, failure -> end(null, failure), next);
    }

    /** Durably. */
    private void tryToWrite(int page, SuperBlock block, Consumer<StorageException> failed, Runnable next) {
        state.secondCurrent(false);
        state.medium.write(page * (long) Page.BYTES, block.encode(), written -> {
            if (written != Status.OK) {
                failed.accept(Failures.io("writing a super block", written));
                return;
            }
            state.medium.flush(flushed -> {
                if (flushed == Status.OK) {
                    next.run();
                } else {
                    failed.accept(Failures.io("a flush", flushed));
                }
            });
        });
    }

    /** Those who know volumes go on with them; what was never durable is nothing any more. */
    private void adopt(StoreState fresh) {
        List<Standing> all = new ArrayList<>();
        for (Volume volume : fresh.volumes()) {
            Volume parent = volume.parent();
            all.add(new Standing(volume.slot, parent == null ? -1 : parent.slot, volume.external()));
        }
        fresh.volumes().forEach(volume -> volume.parent(null, null));
        paused.forEach(volume -> volume.parent(null, null));
        for (Volume volume : paused) {
            Volume durable = fresh.at(volume.slot);
            if (durable != null && durable.uuid().equals(volume.uuid())) {
                volume.become(durable);
                fresh.put(volume);
            } else {
                volume.vanish();
            }
        }
        for (Standing standing : all) {
            fresh.at(standing.slot).parent(fresh.at(standing.parentSlot), standing.external);
        }
        fresh.volumes().stream().filter(parts::isToldOfLoss).forEach(Volume::tellOfLoss);
    }

    private void end(StoreState fresh, StorageException failure) {
        outcome.ended(fresh, failure);
        changes.resume(paused);
    }
}
