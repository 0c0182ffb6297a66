package dev.karst.nvme.testkit.media;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;

/** An NVM subsystem: its namespaces, which its controllers share. */
public final class SimSubsystem {
    /** The LBA formats that its namespaces may have. */
    public static final List<BlockFormat> FORMATS = List.of(
        new BlockFormat(512, 0), new BlockFormat(4096, 0), new BlockFormat(512, 8), new BlockFormat(4096, 8),
        new BlockFormat(512, 16), new BlockFormat(4096, 64));
    /** Most namespaces. */
    public static final int MOST_NAMESPACES = 32;

    private final String nqn;
    private final String serialNumber;
    private final long capacityBytes;
    private final Map<Integer, SimNamespace> namespaces = new TreeMap<>();
    private final Firmware firmware = new Firmware();
    private final List<Consumer<SimNamespace>> watchers = new ArrayList<>();
    private final List<ReservationWatcher> reservationWatchers = new ArrayList<>();
    private final List<Runnable> resets = new ArrayList<>();
    private int controllers;
    /** How much of a sanitize operation is left; 0 when none runs. */
    public int sanitizeLeft;

    /** One without namespaces. */
    public SimSubsystem(String serialNumber, long capacityBytes) {
        this.serialNumber = serialNumber;
        this.capacityBytes = capacityBytes;
        nqn = "nqn.2026-11.dev.karst:sim:" + serialNumber;
    }

    public String nqn() {
        return nqn;
    }

    public String serialNumber() {
        return serialNumber;
    }

    public long capacityBytes() {
        return capacityBytes;
    }

    public Firmware firmware() {
        return firmware;
    }

    /** An identifier for one controller more, from 1. */
    public int newControllerId() {
        return ++controllers;
    }

    /** How many controllers it has. */
    public int controllers() {
        return controllers;
    }

    /** All namespaces, attached or not, by number. */
    public Collection<SimNamespace> namespaces() {
        return namespaces.values();
    }

    /** The namespace of that number, or null. */
    public SimNamespace namespace(int nsid) {
        return namespaces.get(nsid);
    }

    /** A namespace with the lowest free number, attached to no controller; null when there are too many. */
    public SimNamespace create(long blocks, Settings settings) {
        int nsid = 1;
        while (namespaces.containsKey(nsid)) {
            nsid++;
        }
        if (nsid > MOST_NAMESPACES) {
            return null;
        }
        var namespace = new SimNamespace(nsid, blocks, settings, new UUID(serialNumber.hashCode() << 16 | 0x4000L,
            Long.MIN_VALUE | nsid));
        namespaces.put(nsid, namespace);
        namespace.reservations().watch((host, notice) -> reservationWatchers.forEach(watcher -> watcher.lost(namespace, host, notice)));
        return namespace;
    }

    /** A namespace that all controllers that there are have. */
    public SimNamespace add(long blocks, Settings settings) {
        SimNamespace namespace = create(blocks, settings);
        for (int id = 1; id <= controllers; id++) {
            namespace.controllers().add(id);
        }
        changed(namespace);
        return namespace;
    }

    /** Removes a namespace. */
    public void delete(int nsid) {
        SimNamespace namespace = namespaces.remove(nsid);
        if (namespace != null) {
            changed(namespace);
        }
    }

    /** Tells from now on of each namespace that comes, goes or changes. */
    public void watch(Consumer<SimNamespace> watcher) {
        watchers.add(watcher);
    }

    /** Told of what one host does to another's registration or reservation. */
    @FunctionalInterface
    public interface ReservationWatcher {
        void lost(SimNamespace namespace, String host, int notice);
    }

    /** Tells from now on of registrations and reservations that a host loses to another. */
    public void watchReservations(ReservationWatcher watcher) {
        reservationWatchers.add(watcher);
    }

    /** What a reset of the subsystem does to one of its controllers. */
    public void onReset(Runnable reset) {
        resets.add(reset);
    }

    /** Resets all its controllers. */
    public void reset() {
        resets.forEach(Runnable::run);
    }

    /** A namespace came, goes or changed. */
    public void changed(SimNamespace namespace) {
        watchers.forEach(watcher -> watcher.accept(namespace));
    }

    /** Bytes that no namespace has. */
    public long unallocatedBytes() {
        return capacityBytes - namespaces.values().stream()
            .mapToLong(namespace -> namespace.blocks() * namespace.settings().format().dataBytes()).sum();
    }
}
