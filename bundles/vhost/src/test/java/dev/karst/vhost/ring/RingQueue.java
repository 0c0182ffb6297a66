package dev.karst.vhost.ring;

import dev.karst.reactor.Reactor;
import dev.karst.vhost.device.DeviceQueue;

/** The queue of a handler under test: what is done goes back to the ring. */
final class RingQueue extends DeviceQueue {
    private final Ring ring;
    private final Reactor reactor;
    private final long scratch;
    private int done;

    RingQueue(Ring ring, Reactor reactor, long scratch) {
        this.ring = ring;
        this.reactor = reactor;
        this.scratch = scratch;
    }

    /** How many requests have been done. */
    int done() {
        return done;
    }

    /** The end of a reactor's round. */
    void publish() {
        ring.publish();
        ring.wantsCall();
    }

    @Override
    public Reactor reactor() {
        return reactor;
    }

    @Override
    public int size() {
        return ring.size();
    }

    @Override
    public long scratch() {
        return scratch;
    }

    @Override
    public void complete(Chain chain, int written) {
        ring.put(chain, written);
        done++;
    }

    @Override
    public void lost(Chain chain, InternalError e) {
        throw new AssertionError(e);
    }

    @Override
    public void resume() {
        throw new AssertionError("it always takes requests");
    }

    @Override
    public void breakDown(Chain chain, String why) {
        throw new AssertionError(why);
    }

    @Override
    public int poll() {
        return 0;
    }
}
