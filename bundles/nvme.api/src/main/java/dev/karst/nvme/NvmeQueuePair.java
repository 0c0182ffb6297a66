package dev.karst.nvme;

import dev.karst.base.IoVector;
import dev.karst.base.ReactorConfined;
import dev.karst.reactor.Reactor;

/**
 * A submission queue with its completion queue, owned by one reactor, which polls it. It outlives resets and reconnections of its
 * controller: in between it is not connected, what was in flight has ended, and what is submitted is refused.
 */
@ReactorConfined
public abstract class NvmeQueuePair {
    /** Its number: 0 for the admin queue, which is the driver's. */
    public abstract int id();

    /** The reactor that owns it. Any thread. */
    public abstract Reactor reactor();

    /** How many requests may be in flight. */
    public abstract int depth();

    /** How many are. */
    public abstract int inFlight();

    /** Whether requests are taken at the moment. */
    public abstract boolean isConnected();

    /**
     * Takes a request, which will end once. The device may hear of it as late as in the reactor's next round, with others.
     *
     * @return {@link dev.karst.base.Status#OK} when taken; {@link dev.karst.base.Status#NO_RESOURCE} when the queue is full: ask again
     *     after another request has ended; {@link dev.karst.base.Status#NOT_CONNECTED}; {@link dev.karst.base.Status#INVALID} when the
     *     device cannot be shown the memory, see {@link #fits}
     */
    public abstract int submit(NvmeRequest request);

    /**
     * Takes two requests whose {@link NvmeRequest#fuse} says first and second, both or neither; no other comes between them.
     *
     * @return as {@link #submit}
     */
    public abstract int submitFused(NvmeRequest first, NvmeRequest second);

    /**
     * How many bytes of the vector, from its start, one command can carry: all, or less where a device that knows no SGL wants each
     * memory page whole.
     */
    public abstract long fits(IoVector data);

    /** Asks the device to abort a request, which ends in any case. Nothing happens if it is not in flight here. */
    public abstract void abort(NvmeRequest request);

    /**
     * Looks for completions now, {@code most} at the most; the reactor does so in each of its rounds.
     *
     * @return how many requests ended
     */
    public abstract int poll(int most);
}
