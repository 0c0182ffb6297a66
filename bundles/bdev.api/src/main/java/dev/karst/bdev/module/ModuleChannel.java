package dev.karst.bdev.module;

import dev.karst.base.ReactorConfined;
import dev.karst.bdev.BdevIo;

/** The way of one reactor into one device of a module; the block layer calls it, reactor-confined. */
@ReactorConfined
public abstract class ModuleChannel {
    /**
     * Takes an I/O that has been checked and split to the geometry's limits. An accepted one is completed by {@link
     * BdevIo#complete}, exactly once, inside this call or later on this reactor.
     *
     * @return {@link dev.karst.base.Status#OK} when accepted; {@link dev.karst.base.Status#NO_RESOURCE}: the block
     *     layer queues it and submits it again after another I/O of this channel has completed, or after {@link
     *     dev.karst.reactor.Reactor#NAP_NANOS} when none is in flight; any other status ends the I/O with it
     */
    public abstract int submit(BdevIo io);

    /**
     * Tries to end an I/O that is in flight here soon; it still completes, with {@link dev.karst.base.Status#ABORTED}
     * if so.
     */
    public void abort(BdevIo io) {}

    /**
     * Asked when a drain's time is up, once for each I/O that is still in flight here: whether the module promises from
     * now on neither to touch the I/O's memory nor to complete it. If so it is completed for the module; if not, and a
     * module that cannot stop its hardware must say so, it stays in flight and its memory out of use until the module
     * completes it after all.
     */
    public boolean abandon(BdevIo io) {
        return false;
    }

    /** Gives back what it holds; nothing is in flight. */
    public abstract void close();
}
