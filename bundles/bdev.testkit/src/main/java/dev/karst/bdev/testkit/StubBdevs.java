package dev.karst.bdev.testkit;

import dev.karst.base.Status;
import dev.karst.bdev.Bdev;
import dev.karst.bdev.BdevChannel;
import dev.karst.bdev.BdevDescriptor;
import dev.karst.bdev.BdevEvents;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.BdevRegistry;
import dev.karst.bdev.Claim;
import dev.karst.bdev.BdevStatistics;
import dev.karst.bdev.IoType;
import dev.karst.reactor.Reactor;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * One block device that moves nothing and ends everything in the same round: what is measured with it is the core
 * alone.
 */
public final class StubBdevs implements BdevRegistry, Bdev, BdevDescriptor {
    /** Ends what it is given when the reactor comes round. */
    private final class Channel extends BdevChannel {
        private final Reactor reactor;
        private int inFlight;

        Channel(Reactor reactor) {
            this.reactor = reactor;
        }

        @Override
        public Reactor reactor() {
            return reactor;
        }

        @Override
        public Bdev bdev() {
            return StubBdevs.this;
        }

        @Override
        public int submit(BdevIo io) {
            if (inFlight == room) {
                return Status.NO_RESOURCE;
            }
            inFlight++;
            begin(io, reactor.nowNanos());
            io.complete(Status.OK);
            return Status.OK;
        }

        @Override
        public void whenAvailable(Waiter waiter) {
            waiting = waiter;
        }

        @Override
        public void close() {}

        @Override
        public int inFlight() {
            return inFlight;
        }

        @Override
        protected void completed(BdevIo io, int status) {
            inFlight--;
            end(io);
            reactor.defer(io);
        }
    }

    /** How many I/Os may be in flight. */
    public int room = Integer.MAX_VALUE;
    /** Who waits for room; whoever turns the reactor tells. */
    public BdevChannel.Waiter waiting;

    @Override
    public List<Bdev> all() {
        return List.of(this);
    }

    @Override
    public Optional<Bdev> find(String name) {
        return Optional.of(this);
    }

    @Override
    public BdevDescriptor open(String name, boolean write, Reactor listener, BdevEvents events) {
        return this;
    }

    @Override
    public void claim(BdevDescriptor descriptor, Claim claim) {}

    @Override
    public void release(BdevDescriptor descriptor) {}

    @Override
    public Bdev bdev() {
        return this;
    }

    @Override
    public boolean writable() {
        return true;
    }

    @Override
    public BdevChannel openChannel(Reactor reactor) {
        return new Channel(reactor);
    }

    @Override
    public void close() {}

    @Override
    public String name() {
        return "stub";
    }

    @Override
    public List<String> aliases() {
        return List.of();
    }

    @Override
    public UUID uuid() {
        return new UUID(1, 1);
    }

    @Override
    public String productName() {
        return "Stub";
    }

    @Override
    public String moduleName() {
        return "stub";
    }

    @Override
    public State state() {
        return State.ONLINE;
    }

    @Override
    public int blockSize() {
        return 512;
    }

    @Override
    public int physicalBlockSize() {
        return 512;
    }

    @Override
    public long blocks() {
        return 8192;
    }

    @Override
    public boolean readOnly() {
        return false;
    }

    @Override
    public boolean hasVolatileCache() {
        return false;
    }

    @Override
    public boolean unmapReadsZeroes() {
        return true;
    }

    @Override
    public boolean supports(IoType type) {
        return true;
    }

    @Override
    public String claimedBy() {
        return null;
    }

    @Override
    public Map<String, Object> driverSpecific() {
        return Map.of();
    }

    @Override
    public BdevStatistics statistics() {
        return BdevStatistics.NONE;
    }
}
