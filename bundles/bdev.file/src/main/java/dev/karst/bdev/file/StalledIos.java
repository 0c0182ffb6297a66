package dev.karst.bdev.file;

import dev.karst.base.ReactorConfined;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Timer;

/** Operations that have begun and found the ring full; tried again after each end here, and after a nap. */
@ReactorConfined
final class StalledIos {
    private final Reactor reactor;
    private final FileChannel channel;
    private final FileIo[] ops = new FileIo[FileChannel.DEPTH];
    private int count;
    private final Timer nap = new Timer() {
        @Override
        public void expired() {
            retry();
        }
    };

    StalledIos(Reactor reactor, FileChannel channel) {
        this.reactor = reactor;
        this.channel = channel;
    }

    void add(FileIo op) {
        ops[count++] = op;
        if (!nap.isScheduled()) {
            reactor.schedule(nap, Reactor.NAP_NANOS);
        }
    }

    /** Takes it out; false when it does not wait. */
    boolean remove(FileIo op) {
        for (int i = 0; i < count; i++) {
            if (ops[i] == op) {
                ops[i] = ops[--count];
                ops[count] = null;
                return true;
            }
        }
        return false;
    }

    /** Submits each that waits, once; those that are refused wait again. */
    void retry() {
        for (int left = count; left > 0 && count > 0; left--) {
            FileIo op = ops[--count];
            ops[count] = null;
            int before = count;
            channel.resubmit(op);
            if (count > before) {
                return;
            }
        }
    }

    void close() {
        reactor.cancel(nap);
    }
}
