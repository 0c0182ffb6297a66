package dev.karst.bdev.core;

import dev.karst.base.StorageException;
import dev.karst.bdev.core.limit.RateLimit;
import dev.karst.bdev.core.limit.Rates;
import dev.karst.bdev.core.measure.Counters;
import dev.karst.bdev.core.measure.Latencies;
import dev.karst.bdev.core.measure.QueueDepth;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/**
 * Asks the lanes of devices for their figures and changes what they measure and allow, each on its own reactor. Control
 * threads.
 */
public final class Lanes {
    private final BlockLayer layer;

    /**
     * The I/O that a device holds now.
     *
     * @param inFlight in the module
     * @param waiting not yet in the module
     * @param quarantined in modules that went and did not give it back
     */
    public record Occupancy(long inFlight, long waiting, long quarantined) {}

    /**
     * What one reactor has done with a device.
     *
     * @param reactor its number
     */
    public record Channel(int reactor, Counters counters) {}

    /**
     * The latencies that one reactor has seen on a device.
     *
     * @param reactor its number
     */
    public record Measured(int reactor, Latencies latencies) {}

    Lanes(BlockLayer layer) {
        this.layer = layer;
    }

    /** The I/O that the device holds now. */
    public Occupancy occupancy(CoreBdev bdev) throws StorageException {
        var inFlight = new LongAdder();
        var waiting = new LongAdder();
        var quarantined = new LongAdder();
        onLanes(bdev, lane -> {
            inFlight.add(lane.attachment() == null ? 0 : lane.attachment().count());
            waiting.add(lane.waiting.size() + lane.gate.limiter.size());
            quarantined.add(lane.gate.quarantined());
        });
        return new Occupancy(inFlight.sum(), waiting.sum(), quarantined.sum());
    }

    /** Those reactors that have a channel open now. */
    public List<Channel> channels(CoreBdev bdev) throws StorageException {
        List<Channel> list = new ArrayList<>();
        onLanes(bdev, lane -> {
            if (lane.isInUse()) {
                list.add(new Channel(lane.reactor.id(), lane.counters.copy()));
            }
        });
        return list;
    }

    /** How many channels are open, by the numbers of the reactors. */
    public int[] openChannels(CoreBdev bdev) throws StorageException {
        int[] open = new int[layer.reactors().all().size()];
        onLanes(bdev, lane -> open[lane.reactor.id()] = lane.channels());
        return open;
    }

    /** Runs it on the counters of every lane. */
    public void onCounters(CoreBdev bdev, Consumer<Counters> task) throws StorageException {
        onLanes(bdev, lane -> task.accept(lane.counters));
    }

    /** Measures latencies from now on, from zero; or not, when {@code settings} is null. Of several calls the last holds. */
    public void measureLatencies(CoreBdev bdev, Latencies.Settings settings) throws StorageException {
        bdev.latencies(settings);
        onLanes(bdev, lane -> {
            Latencies.Settings now = bdev.latencies();
            lane.measure(now == null ? null : new Latencies(now, layer.environment().clock()));
        });
    }

    /** What each reactor has measured; empty while latencies are not measured. */
    public List<Measured> latencies(CoreBdev bdev) throws StorageException {
        List<Measured> list = new ArrayList<>();
        onLanes(bdev, lane -> {
            Latencies.Settings settings = bdev.latencies();
            if (settings != null && lane.latencies() != null) {
                var copy = new Latencies(settings, layer.environment().clock());
                copy.add(lane.latencies());
                list.add(new Measured(lane.reactor.id(), copy));
            }
        });
        return list;
    }

    /** Limits the device from now on; {@link Rates#NONE} for no limit. Of several calls the last holds. */
    public void limit(CoreBdev bdev, Rates rates) throws StorageException {
        bdev.limit(new CoreBdev.Limit(rates, rates.isNone() ? null : new RateLimit(rates)));
        onLanes(bdev, lane -> lane.gate.limit(bdev.limit().shared()));
    }

    /** Looks so often how much I/O is under way; 0 for never. */
    public void sampleDepth(CoreBdev bdev, long periodMicros) throws StorageException {
        layer.reactors().call(bdev.home(), _ -> {
            bdev.queueDepth.sample(bdev.lanes[0].isRemoved() ? 0 : periodMicros);
            return null;
        });
    }

    /** How much I/O was seen under way. */
    public QueueDepth.Sample depth(CoreBdev bdev) throws StorageException {
        return layer.reactors().call(bdev.home(), _ -> bdev.queueDepth.seen());
    }

    /** Counts from zero how much I/O is under way. */
    public void resetDepth(CoreBdev bdev) throws StorageException {
        layer.reactors().call(bdev.home(), _ -> {
            bdev.queueDepth.reset();
            return null;
        });
    }

    /** All lanes know of the new size when this returns, so that who is told of it can use it. */
    void resize(CoreBdev bdev, long blocks) throws StorageException {
        onLanes(bdev, lane -> lane.resize(blocks));
    }

    private void onLanes(CoreBdev bdev, Consumer<Lane> task) throws StorageException {
        layer.reactors().forEach(reactor -> task.accept(bdev.lane(reactor)));
    }
}
