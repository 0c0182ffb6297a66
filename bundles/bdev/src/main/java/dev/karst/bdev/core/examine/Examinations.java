package dev.karst.bdev.core.examine;

import dev.karst.bdev.Bdev;
import dev.karst.bdev.module.BdevModule;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Predicate;

/**
 * Shows devices to modules: first to each, which says by its configuration at once whether it takes the device; then, while
 * nobody has claimed it, to one after the other for as long as it takes to read from it. Control threads; a module may say
 * from any thread that it is done.
 */
public final class Examinations {
    private static final System.Logger LOG = System.getLogger(Examinations.class.getName());

    /** One device on its way through the modules. */
    private final class Examination {
        private final Bdev bdev;
        private final ArrayDeque<BdevModule> left;
        /** Who reads now; null while nobody does. */
        private BdevModule now;

        Examination(Bdev bdev, Collection<BdevModule> modules) {
            this.bdev = bdev;
            this.left = new ArrayDeque<>(modules);
        }
    }

    private final Executor background;
    private final Predicate<Bdev> isThere;
    /** Guarded by itself, as is all that follows. */
    private final List<Examination> running = new ArrayList<>();
    private final List<CompletableFuture<Void>> waiting = new ArrayList<>();
    private final Set<String> asked = new LinkedHashSet<>();
    private boolean automatic = true;

    /** @param isThere whether the device is there and can be read */
    public Examinations(Executor background, Predicate<Bdev> isThere) {
        this.background = background;
        this.isThere = isThere;
    }

    /** Whether devices are examined without being asked for. */
    public void automatic(boolean on) {
        synchronized (running) {
            automatic = on;
        }
    }

    /** Whether devices are examined without being asked for. */
    public boolean isAutomatic() {
        synchronized (running) {
            return automatic;
        }
    }

    /** Remembers that a device of that name is to be examined; false when that is known. */
    public boolean ask(String name) {
        synchronized (running) {
            return asked.add(name);
        }
    }

    /** Names of the devices that are to be examined, when that is not done without being asked for. */
    public List<String> asked() {
        synchronized (running) {
            return List.copyOf(asked);
        }
    }

    private boolean isDue(Bdev bdev) {
        synchronized (running) {
            return automatic || asked.contains(bdev.name()) || bdev.aliases().stream().anyMatch(asked::contains)
                || asked.contains(bdev.uuid().toString());
        }
    }

    /** Shows it to the modules, unless that is left to the client. Returns when all have looked at it by their configuration. */
    public void examine(Bdev bdev, Collection<BdevModule> modules) {
        if (!isDue(bdev)) {
            return;
        }
        var examination = new Examination(bdev, modules);
        synchronized (running) {
            running.add(examination);
        }
        for (BdevModule module : modules) {
            if (isThere.test(bdev)) {
                guarded(module, bdev, () -> module.examineConfig(bdev));
            }
        }
        next(examination);
    }

    private static void guarded(BdevModule module, Bdev bdev, Runnable call) {
        try {
            call.run();
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "The module " + module.name() + " threw while it examined " + bdev.name(), e);
        }
    }

    private void next(Examination examination) {
        BdevModule module;
        synchronized (running) {
            boolean goesOn = isThere.test(examination.bdev) && examination.bdev.claimedBy() == null;
            module = goesOn ? examination.left.poll() : null;
            examination.now = module;
        }
        if (module == null) {
            ended(examination);
            return;
        }
        boolean[] called = new boolean[1];
        guarded(module, examination.bdev, () -> {
            module.examineDisk(examination.bdev, () -> done(examination, module));
            called[0] = true;
        });
        if (!called[0]) {
            done(examination, module);
        }
    }

    /** A module has read; only the first time counts. */
    private void done(Examination examination, BdevModule module) {
        synchronized (running) {
            if (examination.now != module) {
                return;
            }
            examination.now = null;
        }
        background.execute(() -> next(examination));
    }

    private void ended(Examination examination) {
        List<CompletableFuture<Void>> told = List.of();
        synchronized (running) {
            running.remove(examination);
            if (running.isEmpty()) {
                told = List.copyOf(waiting);
                waiting.clear();
            }
        }
        told.forEach(future -> future.complete(null));
    }

    /** A module goes: what it examines goes on without it. */
    public void gone(BdevModule module) {
        List<Examination> stopped;
        synchronized (running) {
            running.forEach(examination -> examination.left.remove(module));
            stopped = running.stream().filter(examination -> examination.now == module).toList();
        }
        stopped.forEach(examination -> done(examination, module));
    }

    /** Told when nothing is examined. */
    public CompletableFuture<Void> whenDone() {
        var told = new CompletableFuture<Void>();
        synchronized (running) {
            if (!running.isEmpty()) {
                waiting.add(told);
                return told;
            }
        }
        told.complete(null);
        return told;
    }

    /** What is examined now, for people to read. */
    public String running() {
        synchronized (running) {
            return String.join(", ", running.stream()
                .map(one -> one.bdev.name() + (one.now == null ? "" : " by " + one.now.name())).toList());
        }
    }
}
