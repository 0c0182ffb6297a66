package dev.karst.env.linux.unix;

import dev.karst.base.Mem;
import dev.karst.env.EventSet;
import dev.karst.env.Readiness;
import dev.karst.env.linux.event.EpollEventSet;
import dev.karst.env.linux.event.Watch;
import dev.karst.env.linux.kernel.Kernel;
import dev.karst.env.linux.kernel.Syscall;
import dev.karst.env.unix.Descriptor;
import dev.karst.env.unix.Signal;

/** An eventfd. It is never read: each write is an edge, and its counter has room for all that anybody will do. eventfd(2), epoll(7) */
final class EventSignal extends Signal {
    private final Descriptor descriptor;
    private final Watch watch;

    /** Owns the descriptor of an eventfd that does not block. */
    EventSignal(Descriptor descriptor) {
        this.descriptor = descriptor;
        watch = new Watch(descriptor.number());
    }

    @Override
    public int descriptor() {
        return descriptor.number();
    }

    /**
     * Who has the other end can let it block and fill it at any time, so it is looked at first; and what would wait all the same is no call
     * during which the machine could not stop its threads.
     */
    @Override
    public void raise() {
        try (Kernel kernel = Kernel.open()) {
            if (Waiting.now(kernel, descriptor.number(), Waiting.POLLOUT)) {
                Mem.setLong(kernel.scratch, 1);
                kernel.call(Syscall.WRITE, descriptor.number(), kernel.scratch, Long.BYTES);
            }
        }
    }

    @Override
    public void watch(EventSet events, Readiness readiness) {
        watch.begin(events, readiness, EpollEventSet.EDGE);
    }

    @Override
    public void unwatch() {
        watch.end();
    }

    @Override
    public void close() {
        descriptor.close();
    }
}
