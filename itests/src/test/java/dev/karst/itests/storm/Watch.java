package dev.karst.itests.storm;

import dev.karst.base.Status;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.IoType;
import dev.karst.bdev.core.BlockLayer;
import dev.karst.bdev.core.LaneView;
import dev.karst.bdev.module.Geometry;
import dev.karst.bdev.module.ModuleChannel;
import dev.karst.env.sim.SimRandom;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Timer;
import java.util.HashMap;
import java.util.Map;

/**
 * Stands between the block layer and the modules of a {@link Slot}: nothing may come through a closed gate or into a closed
 * channel, and what waited comes in order. Adds two faults of its own: a device that comes back with another geometry, and an
 * end after the module has let go.
 */
final class Watch {
    private static final long LATER_NANOS = 1_000_000;

    private final BlockLayer layer;
    private final SimRandom random;
    /** By device and reactor, the number of the last I/O that had waited. */
    private final Map<String, Long> order = new HashMap<>();
    private int endsAfterAbandonOneIn;
    private int otherGeometryOneIn;
    private long strays;

    Watch(BlockLayer layer, SimRandom random) {
        this.layer = layer;
        this.random = random;
    }

    void rage() {
        endsAfterAbandonOneIn = random.below(3);
        otherGeometryOneIn = random.below(6);
    }

    void calm() {
        endsAfterAbandonOneIn = 0;
        otherGeometryOneIn = 0;
    }

    long strays() {
        return strays;
    }

    /** A device is opened anew: numbers begin again. */
    void forget(String device) {
        order.keySet().removeIf(key -> key.startsWith(device + "@"));
    }

    Geometry geometry(Geometry right, boolean restored) {
        return restored && random.oneIn(otherGeometryOneIn) ? right.sized(right.blocks() - 1) : right;
    }

    ModuleChannel channel(String device, Reactor reactor, ModuleChannel module) {
        return new Channel(device, reactor, module);
    }

    private final class Channel extends ModuleChannel {
        private final String key;
        private final Reactor reactor;
        private final ModuleChannel module;
        private final LaneView lane;
        private boolean closed;

        Channel(String device, Reactor reactor, ModuleChannel module) {
            this.key = device + "@" + reactor.id();
            this.reactor = reactor;
            this.module = module;
            this.lane = LaneView.of(layer, device, reactor);
        }

        @Override
        public int submit(BdevIo io) {
            StormLoad.require(!closed, io.type + " came into a closed channel");
            StormLoad.require(io.type == IoType.RESET || lane.isOpen(), io.type + " came through a closed gate");
            int status = module.submit(io);
            if (status == Status.OK && io instanceof StormIo own && own.queued) {
                own.queued = false;
                long last = order.getOrDefault(key, 0L);
                StormLoad.require(own.number > last, own.number + " came after " + last + ", and both had waited");
                order.put(key, own.number);
            }
            return status;
        }

        @Override
        public void abort(BdevIo io) {
            module.abort(io);
        }

        @Override
        public boolean abandon(BdevIo io) {
            boolean lets = module.abandon(io);
            if (lets && random.oneIn(endsAfterAbandonOneIn)) {
                reactor.schedule(new Timer() {
                    @Override
                    public void expired() {
                        if (!io.isInFlight()) {
                            strays++;
                            io.complete(Status.OK);
                        }
                    }
                }, random.delayNanos(LATER_NANOS));
            }
            return lets;
        }

        @Override
        public void close() {
            closed = true;
            module.close();
        }
    }
}
