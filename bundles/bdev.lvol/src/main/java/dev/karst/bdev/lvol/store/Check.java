package dev.karst.bdev.lvol.store;

import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.lvol.disk.Page;
import dev.karst.bdev.lvol.disk.SuperBlock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * Reads all metadata that the last durable super block leads to, while the store works on. The super blocks are read between two
 * commits; the pages stay as they are until the check has ended, as none that a commit does without is used again meanwhile.
 */
final class Check {
    private final StoreState state;
    private final Commits commits;
    private final Parts parts;
    private final IntPredicate progress;
    private final Outcome<StoreCheck> outcome;
    private final List<String> faults = new ArrayList<>();
    private SuperBlock block;
    private boolean isEnding;

    Check(StoreState state, Commits commits, Parts parts, IntPredicate progress, Outcome<StoreCheck> outcome) {
        this.state = state;
        this.commits = commits;
        this.parts = parts;
        this.progress = progress;
        this.outcome = outcome;
    }

    void go() {
        state.pages.pin();
        commits.hold(() -> {
            block = state.durable();
            compare("first", SuperBlock.FIRST, true, () -> compare("second", SuperBlock.SECOND, state.secondCurrent(), () -> {
                commits.letGo();
                new Mount(state.medium, parts, this::read).walk(block, pages -> !isEnding && progress.test(pages));
            }));
        });
    }

    /** It ends soon, and fails with ECANCELED unless it has read all. */
    void end() {
        isEnding = true;
    }

    private void compare(String which, int page, boolean current, Runnable next) {
        byte[] found = new byte[Page.BYTES];
        state.medium.read(page * (long) Page.BYTES, found, status -> {
            if (status != Status.OK) {
                faults.add("the " + which + " super block: " + Status.text(status));
            } else if (current && !Arrays.equals(found, block.encode())) {
                faults.add("the " + which + " super block is not the one that was written last");
            }
            next.run();
        });
    }

    private void read(Mount mount, StorageException failure) {
        state.pages.unpin();
        if (failure != null) {
            outcome.failed(failure);
            return;
        }
        faults.addAll(mount.damage());
        int clusters = mount.state().volumes().stream().mapToInt(Volume::allocatedClusters).sum();
        outcome.succeeded(new StoreCheck(mount.state().volumes().size(), mount.pagesRead(), clusters, List.copyOf(faults)));
    }
}
