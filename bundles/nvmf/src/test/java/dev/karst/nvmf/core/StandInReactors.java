package dev.karst.nvmf.core;

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

/** One reactor that does nothing by itself and allocates nothing: the test runs what was deferred and sent. */
final class StandInReactors implements Reactors {
    /** The reactor. */
    static final class Only extends Reactor {
        private final Message[] ring = new Message[4096];
        private int first;
        private int last;

        /** Runs all that waits. */
        void runAll() {
            while (first != last) {
                ring[first++ & ring.length - 1].run();
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
            throw new UnsupportedOperationException();
        }

        @Override
        public void cancel(Timer timer) {}

        @Override
        public long nowNanos() {
            return last;
        }

        @Override
        public EventSet events() {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileRing fileRing() {
            throw new UnsupportedOperationException();
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
            throw new UnsupportedOperationException();
        }
    }

    private final Only only = new Only();

    Only only() {
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
