package dev.karst.vhost.device;

import dev.karst.base.ReactorConfined;
import dev.karst.reactor.Poller;
import dev.karst.reactor.Reactor;
import dev.karst.vhost.ring.Chain;

/** A queue, as its handler sees it. Reactor-confined. */
@ReactorConfined
public abstract class DeviceQueue extends Poller {
    /** Bytes of {@link #scratch}. */
    public static final int SCRATCH_BYTES = 4096;

    /** The reactor that it belongs to. */
    public abstract Reactor reactor();

    /** How many chains there are at once at most; their ids are less than that. */
    public abstract int size();

    /** Memory for the handler, for nothing that outlives a call. */
    public abstract long scratch();

    /** The chain is done: the driver gets it back; {@code written} bytes were written to it from the start. */
    public abstract void complete(Chain chain, int written);

    /** The chain is done, and cannot be answered: an access to the guest's memory, whose file was made shorter, failed so. */
    public abstract void lost(Chain chain, InternalError failure);

    /** The handler takes a request now, which it did not before. */
    public abstract void resume();

    /** The driver has broken the rules in a way that no request can say: nothing more is taken. The chain stays where it is. */
    public abstract void breakDown(Chain chain, String why);
}
