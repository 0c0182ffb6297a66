package dev.karst.bdev.lvol.store;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What makes a damaged store whole, as a check has found it. */
final class Repair {
    private final StoreState state;
    private final Changes changes;
    private final Allocations allocations;
    private final boolean forgets;
    /** Whether something is bad on the medium that the mount could read. */
    private final boolean writesAll;

    /** @param known what the mount found and was not repaired since */
    Repair(StoreState state, Changes changes, Allocations allocations, List<String> known, StoreCheck found) {
        this.state = state;
        this.changes = changes;
        this.allocations = allocations;
        forgets = !known.isEmpty();
        writesAll = !Set.copyOf(known).containsAll(found.faults());
    }

    /** Each in words; empty for nothing. */
    List<String> steps() {
        List<String> steps = new ArrayList<>();
        if (state.isDirectoryDamaged()) {
            steps.add("forget the volumes in that part of the directory which cannot be read");
        }
        state.volumes().stream().filter(volume -> volume.damage() != null).forEach(volume ->
            steps.add("delete volume " + volume.name() + " (" + volume.uuid() + "), as " + volume.damage()));
        if (writesAll) {
            steps.add("write all pages of metadata anew from memory, where they are whole");
        }
        return steps;
    }

    /** Pages of metadata that they write anew, beside those that are there, at most. */
    int pages() {
        return steps().isEmpty() ? 0 : state.directory.nodes() + (writesAll ? state.pagesInUse().cardinality() : 0);
    }

    /** Why there is no room for that; null if there is. */
    StorageException obstacle() {
        int free = state.pages.freeSoon();
        return pages() <= free ? null : Failures.noRoomForRepair(pages(), free);
    }

    /**
     * Does them, durably.
     *
     * @param forgotten run when what the mount had found is gone
     */
    void go(Runnable forgotten, Outcome<List<String>> outcome) {
        allocations.needPages(pages(), true, (_, failure) -> {
            if (failure == null) {
                begin(forgotten, outcome);
            } else {
                outcome.failed(failure.code() == -Errno.ENOSPC ? Failures.noRoomForRepair(pages(), state.pages.freeSoon()) : failure);
            }
        });
    }

    private void begin(Runnable forgotten, Outcome<List<String>> outcome) {
        List<String> steps = steps();
        List<Volume> gone = state.forgetDamaged();
        if (writesAll) {
            state.touchAll();
        }
        changes.commit(steps, (_, failure) -> {
            if (failure == null && forgets) {
                state.forgotten(gone);
                forgotten.run();
            }
            outcome.ended(steps, failure);
        });
    }
}
