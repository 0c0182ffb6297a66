package dev.karst.bdev.core;

import dev.karst.base.StorageException;
import dev.karst.bdev.core.measure.Counters;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/** Asks the lanes of devices for their figures, each on its own reactor. Control threads. */
public final class Readings {
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

    Readings(BlockLayer layer) {
        this.layer = layer;
    }

    /** The I/O that the device holds now. */
    public Occupancy occupancy(CoreBdev bdev) throws StorageException {
        var inFlight = new LongAdder();
        var waiting = new LongAdder();
        var quarantined = new LongAdder();
        onLanes(bdev, lane -> {
            inFlight.add(lane.attachment() == null ? 0 : lane.attachment().count());
            waiting.add(lane.waiting.size());
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

    /** Runs it on the counters of every lane. */
    public void onCounters(CoreBdev bdev, Consumer<Counters> task) throws StorageException {
        onLanes(bdev, lane -> task.accept(lane.counters));
    }

    private void onLanes(CoreBdev bdev, Consumer<Lane> task) throws StorageException {
        layer.reactors().forEach(reactor -> task.accept(bdev.lane(reactor)));
    }
}
