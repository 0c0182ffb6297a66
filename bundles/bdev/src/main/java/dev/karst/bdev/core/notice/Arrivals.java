package dev.karst.bdev.core.notice;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Those who wait for a device of some name to come. Any thread. */
public final class Arrivals {
    /** Somebody waits for a device of that name. */
    private record Arrival(String name, CompletableFuture<Void> there) {}

    private final List<Arrival> all = new ArrayList<>();

    /** Gives what is told when one of that name, alias or UUID comes. */
    public synchronized CompletableFuture<Void> expect(String name) {
        var there = new CompletableFuture<Void>();
        all.add(new Arrival(name, there));
        return there;
    }

    /** It is waited for no more. */
    public synchronized void forget(CompletableFuture<Void> there) {
        all.removeIf(arrival -> arrival.there == there);
    }

    /** A device with these names came. */
    public void came(List<String> names) {
        List<Arrival> told;
        synchronized (this) {
            told = all.stream().filter(arrival -> names.contains(arrival.name)).toList();
        }
        told.forEach(arrival -> arrival.there.complete(null));
    }
}
