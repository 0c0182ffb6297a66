package dev.karst.bdev.passthru;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.karst.base.IoVector;
import dev.karst.base.Status;
import dev.karst.bdev.Bdev;
import dev.karst.bdev.BdevChannel;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.IoType;
import dev.karst.bdev.testkit.Probe;
import dev.karst.reactor.Reactor;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the channel does when the base has no room. */
class PassthruChannelTest {
    /** A base with room for two, which ends I/O when the test says so. */
    private static final class NarrowBase extends BdevChannel {
        final List<BdevIo> inside = new ArrayList<>();
        Waiter waiter;
        int refusal = Status.NO_RESOURCE;

        @Override
        public Reactor reactor() {
            return null;
        }

        @Override
        public Bdev bdev() {
            return null;
        }

        @Override
        public int submit(BdevIo io) {
            if (inside.size() == 2 && io.type != IoType.ABORT) {
                return refusal;
            }
            begin(io, 0);
            inside.add(io);
            return Status.OK;
        }

        @Override
        public void whenAvailable(Waiter waiter) {
            this.waiter = waiter;
        }

        void endFirst(int status) {
            inside.getFirst().complete(status);
            if (waiter != null) {
                Waiter told = waiter;
                waiter = null;
                told.available();
            }
        }

        @Override
        protected void completed(BdevIo io, int status) {
            inside.remove(io);
            end(io);
            io.run();
        }

        @Override
        public void close() {}

        @Override
        public int inFlight() {
            return inside.size();
        }
    }

    /** The way from above, which only notes ends. */
    private static final class Above extends BdevChannel {
        @Override
        public Reactor reactor() {
            return null;
        }

        @Override
        public Bdev bdev() {
            return null;
        }

        @Override
        public int submit(BdevIo io) {
            begin(io, 0);
            return Status.OK;
        }

        @Override
        public void whenAvailable(Waiter waiter) {}

        @Override
        protected void completed(BdevIo io, int status) {
            end(io);
            io.run();
        }

        @Override
        public void close() {}

        @Override
        public int inFlight() {
            return 0;
        }
    }

    private final NarrowBase base = new NarrowBase();
    private final Above above = new Above();
    private final PassthruChannel channel = new PassthruChannel(base);
    private final List<Probe> probes = new ArrayList<>();

    private Probe submit() {
        Probe probe = new Probe().wants(IoType.FLUSH, probes.size(), 1);
        probes.add(probe);
        above.submit(probe);
        assertEquals(Status.OK, channel.submit(probe));
        return probe;
    }

    @Test
    void shouldKeepTheOrderWhenBaseIsFull() {
        for (int i = 0; i < 5; i++) {
            submit();
        }
        assertEquals(2, base.inFlight());
        for (int i = 0; i < 5; i++) {
            assertEquals(i, base.inside.getFirst().offsetBlocks);
            base.endFirst(Status.OK);
        }
        probes.forEach(probe -> assertEquals(1, probe.ends()));
        channel.close();
    }

    @Test
    void shouldEndAWaitingIoAtOnceWhenAborted() {
        submit();
        submit();
        Probe waiting = submit();
        Probe behind = submit();
        channel.abort(waiting);
        assertEquals(Status.ABORTED, waiting.status());
        base.endFirst(Status.OK);
        base.endFirst(Status.OK);
        base.endFirst(Status.OK);
        assertEquals(Status.OK, behind.status());
        channel.close();
    }

    @Test
    void shouldNotReuseAVictimBeforeItsAbortHasEnded() {
        Probe victim = submit();
        channel.abort(victim);
        BdevIo abort = base.inside.getLast();
        assertEquals(IoType.ABORT, abort.type);
        base.endFirst(Status.OK);
        assertEquals(PassthruChannel.DEPTH - 1, channel.room());
        base.endFirst(Status.OK);
        assertEquals(PassthruChannel.DEPTH, channel.room());
        assertEquals(1, victim.ends());
    }

    @Test
    void shouldEndWithTheRefusalWhenBaseRefusesForGood() {
        submit();
        submit();
        Probe waiting = submit();
        base.refusal = Status.REMOVED;
        base.endFirst(Status.OK);
        assertFalse(waiting.hasEnded());
        Probe refused = new Probe().wants(IoType.FLUSH, 9, 1);
        above.submit(refused);
        assertEquals(Status.REMOVED, channel.submit(refused));
        assertEquals(0, refused.ends());
    }

    @Test
    void shouldHandOnAllThatAnIoSaysAndBackWhatItGave() {
        Probe probe = new Probe().wants(IoType.NVME_IO, 5, 3).at(0x1000, 24);
        probe.compare = new IoVector(1);
        probe.sourceBlock = 7;
        probe.metadata = 0x2000;
        probe.sqe = 0x3000;
        above.submit(probe);
        assertEquals(Status.OK, channel.submit(probe));
        BdevIo child = base.inside.getFirst();
        assertEquals(IoType.NVME_IO, child.type);
        assertEquals(24, child.data.bytes());
        assertEquals(0x1000, child.data.address(0));
        assertEquals(probe.compare, child.compare);
        assertEquals(7, child.sourceBlock);
        assertEquals(0x2000, child.metadata);
        assertEquals(0x3000, child.sqe);
        child.result = 0x1234_5678_9ABCL;
        base.endFirst(Status.OK);
        assertEquals(0x1234_5678_9ABCL, probe.result);
        channel.close();
    }
}
