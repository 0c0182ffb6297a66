package dev.karst.bdev.core;

import dev.karst.base.StorageException;
import dev.karst.bdev.core.left.LeftDevice;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Timer;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Devices that the last block layer left: brought back as their modules come, each as soon as what it stands on is there, and given
 * up when that takes longer than a device may be parked.
 */
final class Returning {
    private static final System.Logger LOG = System.getLogger(Returning.class.getName());

    private final BlockLayer layer;
    /** In the order in which they were made. Guarded by the layer's lock. */
    private final List<LeftDevice> waiting;
    /** The names of all that were left, in that order. */
    private final List<String> order;
    /** Why the last try failed, by names. Guarded by the layer's lock. */
    private final Map<String, String> reasons = new HashMap<>();
    private final Timer patience = new Timer() {
        @Override
        public void expired() {
            layer.environment().threads().background().execute(Returning.this::giveUp);
        }
    };
    private volatile boolean gaveUp;

    Returning(BlockLayer layer, List<LeftDevice> left) {
        this.layer = layer;
        this.waiting = new ArrayList<>(left);
        this.order = left.stream().map(device -> device.record().name()).toList();
    }

    /** From now on they are waited for. */
    void begin() {
        if (!waiting.isEmpty()) {
            Reactor home = layer.reactors().all().getFirst();
            home.execute(() -> home.schedule(patience, layer.settings().parkTimeoutMs() * 1_000_000));
        }
    }

    /** A module is there: brings back what can be. One that stands on another comes after that. */
    void bringBack() {
        boolean more = true;
        while (more) {
            more = false;
            for (LeftDevice device : remaining()) {
                Modules.Host host = layer.modules().named(device.module());
                more |= host != null && bringBack(host, device);
            }
        }
    }

    /** Where a new device belongs among those that are there: one that was left where it was, any other at the end. */
    int place(String name, List<CoreBdev> present) {
        int rank = order.indexOf(name);
        int place = present.size();
        while (rank >= 0 && place > 0 && !precedes(present.get(place - 1).name(), rank)) {
            place--;
        }
        return place;
    }

    private boolean precedes(String name, int rank) {
        int own = order.indexOf(name);
        return own >= 0 && own < rank;
    }

    /** Those that are not back. */
    List<LeftDevice> remaining() {
        synchronized (layer.lock) {
            return List.copyOf(waiting);
        }
    }

    private boolean bringBack(Modules.Host host, LeftDevice device) {
        synchronized (layer.lock) {
            if (!waiting.remove(device)) {
                return false;
            }
        }
        String reason;
        try {
            host.module().restore(device.record());
            return true;
        } catch (StorageException e) {
            reason = e.getMessage();
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "The module " + device.module() + " threw while it brought back " + device.record().name(), e);
            reason = e.toString();
        }
        synchronized (layer.lock) {
            waiting.add(device);
            reasons.put(device.record().name(), reason);
        }
        return false;
    }

    private void giveUp() {
        List<LeftDevice> lost;
        synchronized (layer.lock) {
            lost = waiting.stream().filter(device -> layer.find(device.record().name()).isEmpty()).toList();
            waiting.clear();
            gaveUp |= !lost.isEmpty();
        }
        for (LeftDevice device : lost) {
            String name = device.record().name();
            LOG.log(Level.WARNING, "{0} did not come back with the block layer: {1}", name,
                reasons.getOrDefault(name, "there is no module " + device.module()));
        }
    }

    /** Whether a device is gone that nobody deleted. */
    boolean hasGivenUp() {
        return gaveUp;
    }
}
