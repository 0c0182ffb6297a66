package dev.karst.bdev.lvol.bdev;

import dev.karst.bdev.lvol.store.Done;
import dev.karst.reactor.Reactor;

/** What I/O on a volume asks of its pool. Called on the reactor of the pool only, where {@code done} is told too. */
interface Changer {
    /** The reactor of the pool. Any thread. */
    Reactor reactor();

    /** The volume gets a cluster of its own there. */
    void allocate(int cluster, Done done);

    /** The clusters read as zeros and are free. Whoever asks must not be waited for by {@link LvolChannel#pause}. */
    void release(int cluster, int count, Done done);

    /** All writes that have ended become durable. */
    void flush(Done done);

    /** Whether clusters that are unmapped as a whole are given back. */
    boolean releases();
}
