package dev.karst.bdev.lvol.store;

import dev.karst.base.Status;
import dev.karst.bdev.lvol.disk.Page;
import dev.karst.bdev.lvol.disk.SuperBlock;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.Consumer;

/**
 * Makes changes durable, one commit after the other; what is asked for while one runs goes with the next. A commit flushes the
 * data, writes pages where none is in use, flushes, writes the first super block and flushes: then it is durable, and the second
 * super block is written, which the first flush of the next commit makes durable. So at any instant one of the two is whole, and
 * leads to pages that are.
 *
 * <p>A write that fails is tried again for a while, before anybody is told: what it wrote is needed by nobody until a flush has ended,
 * and the other super block is whole. A commit that fails all the same ends all changes, and so does a flush that fails: after that
 * nobody knows what the medium holds of the data that came before.
 */
final class Commits {
    /** How long a write waits that failed, time after time; then the commit has failed. */
    private static final int[] WAIT_MS = {10, 100, 1000};

    /** Writes something, perhaps once more. */
    private interface Write {
        void go(Done done);
    }

    private final StoreState state;
    private final Medium medium;
    private final Consumer<BitSet> freed;
    private List<Done> waiting = new ArrayList<>();
    private List<Done> served = List.of();
    private final List<Runnable> whenIdle = new ArrayList<>();
    private boolean running;
    /** Whether the next commit makes sure of what a mount believed, also if it has nothing to write. */
    private boolean confirms;
    private StoreState.Gathered gathered;
    private int pagesLeft;
    private int pagesStatus;

    /** @param freed told of clusters that became free and may be given back to the medium */
    Commits(StoreState state, Consumer<BitSet> freed) {
        this.state = state;
        this.medium = state.medium;
        this.freed = freed;
    }

    /** All changes until now, and all data whose writes have ended, become durable; then it is told. */
    void request(Done done) {
        waiting.add(done);
        if (!running) {
            start();
        }
    }

    /** As {@link #request}, and what the last mount has read is durable. */
    void confirm(Done done) {
        confirms = true;
        request(done);
    }

    /** Runs when no commit does. */
    void whenIdle(Runnable then) {
        if (running) {
            whenIdle.add(then);
        } else {
            then.run();
        }
    }

    /** Runs when no commit does, and no commit runs until {@link #letGo}. */
    void hold(Runnable then) {
        whenIdle(() -> {
            if (running) {
                hold(then);
            } else {
                running = true;
                then.run();
            }
        });
    }

    /** Commits run again. */
    void letGo() {
        running = false;
        next();
    }

    private void start() {
        running = true;
        served = waiting;
        waiting = new ArrayList<>();
        if (state.failure() != null) {
            ended(Failures.status(state.failure()));
            return;
        }
        gathered = state.isChanged() ? state.gather() : null;
        if ((gathered != null || confirms) && state.sure() == StoreState.Sure.NEITHER) {
            // What a mount has read may not be durable, when a flush had failed before. Writing the same again tears nothing.
            write(done -> medium.write(state.believedPage() * (long) Page.BYTES, state.durable().encode(), done), 0,
                () -> medium.flush(status -> then(status, () -> {
                    state.confirmed();
                    writeSecond();
                })));
        } else {
            writeSecond();
        }
    }

    /** So that the first one may be written. */
    private void writeSecond() {
        if (gathered != null && !state.secondCurrent()) {
            write(done -> medium.write(SuperBlock.SECOND * (long) Page.BYTES, state.durable().encode(), done), 0, () -> {
                state.secondCurrent(true);
                flushData();
            });
        } else {
            flushData();
        }
    }

    private void then(int status, Runnable next) {
        if (status == Status.OK) {
            next.run();
        } else {
            state.fail(Failures.io("a commit of store " + state.name(), status));
            ended(status);
        }
    }

    /** Tries again as often as there are waits, unless the medium is gone. */
    private void write(Write write, int tries, Runnable next) {
        write.go(status -> {
            if (status != Status.OK && status != Status.REMOVED && tries < WAIT_MS.length) {
                medium.later(WAIT_MS[tries], () -> write(write, tries + 1, next));
            } else {
                then(status, next);
            }
        });
    }

    private void flushData() {
        medium.flush(status -> then(status, this::writePages));
    }

    private void writePages() {
        if (gathered == null) {
            ended(Status.OK);
            return;
        }
        if (gathered.pages().isEmpty()) {
            writeFirst();
        } else {
            write(this::writePages, 0, () -> medium.flush(status -> then(status, this::writeFirst)));
        }
    }

    private void writePages(Done done) {
        pagesLeft = gathered.pages().size();
        pagesStatus = Status.OK;
        for (StoreState.PlacedPage page : gathered.pages()) {
            medium.write(page.number() * (long) Page.BYTES, page.bytes(), status -> wrotePage(status, done));
        }
    }

    private void wrotePage(int status, Done done) {
        pagesStatus = pagesStatus == Status.OK ? status : pagesStatus;
        if (--pagesLeft == 0) {
            done.done(pagesStatus);
        }
    }

    private void writeFirst() {
        state.secondCurrent(false);
        state.sure(StoreState.Sure.SECOND);
        write(done -> medium.write(SuperBlock.FIRST * (long) Page.BYTES, gathered.superBlock().encode(), done), 0,
            () -> medium.flush(status -> then(status, this::durable)));
    }

    private void durable() {
        freed.accept(state.becameDurable(gathered.superBlock()));
        tell(Status.OK);
        medium.write(SuperBlock.SECOND * (long) Page.BYTES, gathered.superBlock().encode(), status -> {
            state.secondCurrent(status == Status.OK);
            ended(Status.OK);
        });
    }

    private void tell(int status) {
        List<Done> told = served;
        served = List.of();
        told.forEach(done -> done.done(status));
    }

    private void ended(int status) {
        tell(status);
        gathered = null;
        running = false;
        next();
    }

    private void next() {
        if (!waiting.isEmpty() && !running) {
            start();
        }
        if (running) {
            return;
        }
        List<Runnable> told = List.copyOf(whenIdle);
        whenIdle.clear();
        told.forEach(Runnable::run);
    }
}
