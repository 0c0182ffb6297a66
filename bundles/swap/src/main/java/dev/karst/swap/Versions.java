package dev.karst.swap;

import dev.karst.bdev.Bdev;
import dev.karst.bdev.Bdev.State;
import dev.karst.bdev.BdevRegistry;
import dev.karst.bdev.module.BdevModule;
import dev.karst.bdev.module.ModuleHandOver;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.osgi.framework.Bundle;

/** The modules that are there, each with its bundle, in the order in which they came. Any thread. */
final class Versions {
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final ModuleHandOver handOver;
    private final BdevRegistry registry;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<Version> present = new ArrayList<>();

    /** A module and its bundle. */
    record Version(BdevModule module, String name, Bundle bundle) {}

    Versions(ModuleHandOver handOver, BdevRegistry registry) {
        this.handOver = handOver;
        this.registry = registry;
    }

    void add(Version version) {
        lock.lock();
        try {
            present.add(version);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Takes one out; gives it. */
    Optional<Version> remove(BdevModule module) {
        lock.lock();
        try {
            Optional<Version> found = present.stream().filter(version -> version.module == module).findFirst();
            found.ifPresent(present::remove);
            return found;
        } finally {
            lock.unlock();
        }
    }

    private List<Version> all() {
        lock.lock();
        try {
            return List.copyOf(present);
        } finally {
            lock.unlock();
        }
    }

    /** The oldest of that name. */
    Optional<Version> named(String name) {
        return all().stream().filter(version -> version.name.equals(name)).findFirst();
    }

    Optional<Version> of(Bundle bundle, String name) {
        return all().stream().filter(version -> version.bundle.equals(bundle) && version.name.equals(name)).findFirst();
    }

    /** The names of a bundle's modules. */
    List<String> names(Bundle bundle) {
        return all().stream().filter(version -> version.bundle.equals(bundle)).map(Version::name).toList();
    }

    /** Whether the block layer has taken all of these modules of a bundle. */
    boolean areBound(Bundle bundle, List<String> names) {
        return are(bundle, names, handOver::isBound);
    }

    /** Whether all of these modules of a bundle have brought back what they could. */
    boolean haveRestored(Bundle bundle, List<String> names) {
        return are(bundle, names, handOver::hasRestored);
    }

    private boolean are(Bundle bundle, List<String> names, Predicate<BdevModule> so) {
        return names.stream().allMatch(name -> of(bundle, name).filter(version -> so.test(version.module)).isPresent());
    }

    /** The devices of these modules. */
    List<Bdev> devices(List<String> names) {
        return registry.all().stream().filter(bdev -> names.contains(bdev.moduleName())).toList();
    }

    /** Those of them that have no module now. */
    List<String> away(List<String> names) {
        return devices(names).stream().filter(bdev -> bdev.state() == State.PARKED || bdev.state() == State.ATTACHING)
            .map(Bdev::name).toList();
    }

    /** Waits until something is so; false when the time is up. */
    boolean await(BooleanSupplier wanted, long timeoutMs) throws InterruptedException {
        long left = TimeUnit.MILLISECONDS.toNanos(timeoutMs);
        boolean is = wanted.getAsBoolean();
        while (!is && left > 0) {
            left -= LOOK_NANOS - pause();
            is = wanted.getAsBoolean();
        }
        return is;
    }

    /** Waits a moment, less when a module comes; gives what was left of it. */
    private long pause() throws InterruptedException {
        lock.lock();
        try {
            return Math.max(0, changed.awaitNanos(LOOK_NANOS));
        } finally {
            lock.unlock();
        }
    }
}
