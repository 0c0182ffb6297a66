package dev.karst.reactor.sim;

import dev.karst.base.StorageException;
import dev.karst.env.EventSet;
import dev.karst.env.FileRing;
import dev.karst.reactor.IdlePolicy;
import dev.karst.reactor.Message;
import dev.karst.reactor.Poller;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.ReactorStatistics;
import dev.karst.reactor.Reactors;
import dev.karst.reactor.Timer;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * One reactor that does nothing by itself and allocates nothing: the test runs what was deferred and sent. For tests that
 * count what the code under test allocates; it has no pollers, and no timer ever expires.
 */
public final class StandInReactors implements Reactors {
    /** The reactor. */
    public static final class Only extends Reactor {
        private final Reactor real;
        private final Message[] ring = new Message[4096];
        private int first;
        private int last;

        private Only(Reactor real) {
            this.real = real;
        }

        /** Runs all that waits. */
        public void runAll() {
            while (first != last) {
                Message message = ring[first++ & ring.length - 1];
                message.run();
            }
        }

        @Override
        public int id() {
            return 0;
        }

        @Override
        public int processor() {
            return -1;
        }

        @Override
        public boolean isCurrent() {
            return true;
        }

        @Override
        public void send(Message message) {
            defer(message);
        }

        @Override
        public void defer(Message message) {
            ring[last++ & ring.length - 1] = message;
        }

        @Override
        public void add(Poller poller) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void remove(Poller poller) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void schedule(Timer timer, long delayNanos) {
            // It never expires.
        }

        @Override
        public void cancel(Timer timer) {
            // None is scheduled.
        }

        @Override
        public long nowNanos() {
            return last;
        }

        @Override
        public EventSet events() {
            return real.events();
        }

        @Override
        public FileRing fileRing() throws StorageException {
            return real.fileRing();
        }

        @Override
        public IdlePolicy idlePolicy() {
            return IdlePolicy.POLL;
        }

        @Override
        public void idlePolicy(IdlePolicy policy) {
            throw new UnsupportedOperationException();
        }

        @Override
        public ReactorStatistics statistics() {
            return real.statistics();
        }
    }

    private final Only only;

    /** One that takes events and files from a real reactor. */
    public StandInReactors(Reactor real) {
        only = new Only(real);
    }

    public Only only() {
        return only;
    }

    @Override
    public List<Reactor> all() {
        return List.of(only);
    }

    @Override
    public Reactor next() {
        return only;
    }

    @Override
    public <T> T await(CompletableFuture<T> future, long timeoutMs, String what) {
        only.runAll();
        return future.resultNow();
    }
}
