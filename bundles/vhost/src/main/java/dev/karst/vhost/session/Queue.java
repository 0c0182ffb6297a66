package dev.karst.vhost.session;

import dev.karst.base.ReactorConfined;
import dev.karst.base.StorageException;
import dev.karst.env.Readiness;
import dev.karst.env.unix.Signal;
import dev.karst.reactor.IdlePolicy;
import dev.karst.reactor.Message;
import dev.karst.reactor.Reactor;
import dev.karst.vhost.device.Device;
import dev.karst.vhost.device.DeviceQueue;
import dev.karst.vhost.device.QueueHandler;
import dev.karst.vhost.ring.Chain;
import dev.karst.vhost.ring.Ring;
import dev.karst.vhost.ring.RingSetup;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/**
 * A queue that runs. It is polled while there is work and for a moment after; then the driver is asked to kick, so that the reactor may
 * sleep, if it ever does. The signals belong to the session.
 */
@ReactorConfined
final class Queue extends DeviceQueue {
    private static final Logger LOG = System.getLogger(Queue.class.getName());
    /** Most chains taken in a round, as SPDK does. */
    private static final int BURST = 32;
    /** How long nothing must have come before the driver is asked to kick. */
    private static final long SPIN_NANOS = 30_000;

    private final Reactor reactor;
    private final Ring ring;
    private final QueueSignals signals;
    private final String name;
    private final long scratch;
    private final QueueHandler handler;
    private final Readiness kicks = new Readiness() {
        @Override
        public void readable() {
            wake();
        }
    };
    private final Message flush = new Message() {
        @Override
        public void run() {
            flushing = false;
            call();
        }
    };
    private final CallPace pace;
    /** The chain that is being handled. */
    private Chain current;
    private boolean flushing;
    private boolean armed;
    private boolean told;
    private long busyNanos;
    private boolean stopping;
    private Runnable whenStopped;

    /** Makes and starts it, on its reactor. */
    Queue(Device device, int index, Reactor reactor, RingSetup setup, QueueSignals signals) throws StorageException {
        this.reactor = reactor;
        this.signals = signals;
        ring = Ring.of(setup);
        name = "queue " + index + " of " + device.name();
        scratch = setup.support().scratch() + Ring.SCRATCH_BYTES;
        // All that touches the guest's memory comes before what would have to be given back.
        ring.disarm();
        handler = device.open(index, this);
        pace = new CallPace(reactor, device::coalescing, this::call);
        if (signals.kick() != null) {
            signals.kick().watch(reactor.events(), kicks);
        }
        busyNanos = reactor.nowNanos();
        reactor.add(this);
        tell();
    }

    /** The driver looks at the ring, whatever it was told before: whoever served it last may have put chains back and told nobody. */
    private void tell() {
        if (signals.call() != null) {
            signals.call().raise();
        }
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

    private void wake() {
        if (armed) {
            armed = false;
            busyNanos = reactor.nowNanos();
            try {
                ring.disarm();
            } catch (InternalError e) {
                lost(e);
            }
        }
    }

    @Override
    public void resume() {
        wake();
    }

    @Override
    public int poll() {
        try {
            return takeAll();
        } catch (InternalError e) {
            lost(e);
            drop();
            return 1;
        }
    }

    /** The chain that was being handled is handled no further. */
    private void drop() {
        if (current != null) {
            ring.abandon(current);
            current = null;
            endIfIdle();
        }
    }

    private int takeAll() {
        if (stopping) {
            return 0;
        }
        int ready = ring.ready(BURST);
        int took = 0;
        while (took < ready && handler.takes() && (current = ring.take()) != null) {
            handler.handle(current);
            current = null;
            took++;
        }
        if (took > 0) {
            wake();
            busyNanos = reactor.nowNanos();
        } else if (ring.broken() != null) {
            tellBroken();
        } else if (!armed && signals.kick() != null && reactor.nowNanos() - busyNanos > SPIN_NANOS
            && reactor.idlePolicy() != IdlePolicy.POLL) {
            armed = true;
            if (handler.takes() && !ring.arm()) {
                wake();
            }
        }
        return took;
    }

    /** Whether the driver kicks, or nothing is expected of it. */
    @Override
    public boolean announcesWork() {
        return armed || stopping || ring.broken() != null;
    }

    @Override
    public void complete(Chain chain, int written) {
        try {
            if (ring.holds(chain)) {
                ring.put(chain, written);
            }
        } catch (InternalError e) {
            lost(chain, e);
        }
        pace.count();
        if (!flushing) {
            flushing = true;
            reactor.defer(flush);
        }
        endIfIdle();
    }

    /** Lets the driver see what went back to it, and tells it. */
    private void call() {
        try {
            ring.publish();
            if (signals.call() != null && pace.isDue() && ring.wantsCall()) {
                signals.call().raise();
            }
        } catch (InternalError e) {
            lost(e);
        }
        endIfIdle();
    }

    @Override
    public void breakDown(Chain chain, String why) {
        ring.breakDown(why);
        ring.abandon(chain);
        tellBroken();
        endIfIdle();
    }

    @Override
    public void lost(Chain chain, InternalError failure) {
        lost(failure);
        ring.abandon(chain);
        endIfIdle();
    }

    /** The guest's memory is not there any more: its file was cut short. */
    private void lost(InternalError e) {
        ring.breakDown("the guest's memory cannot be reached: " + e.getMessage());
        tellBroken();
    }

    private void tellBroken() {
        if (!told) {
            told = true;
            LOG.log(Level.WARNING, "{0} stops: {1}", name, ring.broken());
            if (signals.err() != null) {
                signals.err().raise();
            }
        }
    }

    /** The driver is to be told by this signal from now on; null for none. */
    void signals(Signal call, Signal err) {
        signals.set(call, err);
        tell();
    }

    /** Takes nothing more; {@code done} runs when nothing is in flight, and nobody will use the ring or the signals any more. */
    void stop(Runnable done) {
        stopping = true;
        if (pace.stop()) {
            call();
        }
        whenStopped = done;
        if (signals.kick() != null) {
            signals.kick().unwatch();
        }
        endIfIdle();
    }

    private void endIfIdle() {
        if (whenStopped != null && ring.taken() == 0 && !flushing) {
            Runnable done = whenStopped;
            whenStopped = null;
            reactor.remove(this);
            handler.close();
            done.run();
        }
    }

    /** Where it goes on. When it has stopped. */
    int base() {
        return ring.base();
    }
}
