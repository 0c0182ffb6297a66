package dev.karst.swap;

import dev.karst.base.Clock;
import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.module.ModuleHandOver;
import dev.karst.bdev.module.ModuleHandOver.Moved;
import dev.karst.bdev.module.ModuleHandOver.Outcome;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;

/**
 * Replaces a bundle's modules by those of another jar. A bundle of the jar is installed beside, and the devices move there; the
 * bundle itself is updated, while nothing stands on it, and the devices move back. So it keeps what the container knows it by.
 * Whatever fails, the devices are with the old version again. Control threads; once.
 */
final class PlannedSwap {
    private static final System.Logger LOG = System.getLogger(PlannedSwap.class.getName());

    private final Versions versions;
    private final ModuleHandOver handOver;
    private final Activation activation;
    private final Twins twins;
    private final Clock clock;
    private final Bundle bundle;
    private final List<String> modules;
    private final Swap swap;
    /** Where the devices are when they are not with the bundle; null when they are. */
    private Bundle host;
    private long since;

    PlannedSwap(Tools tools, Bundle bundle, List<String> modules, Swap swap) {
        this.versions = tools.versions;
        this.handOver = tools.handOver;
        this.activation = tools.activation;
        this.twins = tools.twins;
        this.clock = tools.clock;
        this.bundle = bundle;
        this.modules = modules;
        this.swap = swap;
    }

    /** What it takes to replace modules. */
    record Tools(Versions versions, ModuleHandOver handOver, Activation activation, Twins twins, Clock clock) {}

    /**
     * Does it.
     *
     * @param next what the bundle is to be
     * @param last what it is
     * @throws StorageException why the bundle is what it was
     */
    void run(Jar next, Jar last) throws StorageException {
        since = clock.nanos();
        try {
            replace(next, last);
            swap.ended(Outcome.SWAPPED, null);
        } catch (StorageException e) {
            boolean stays = host != null;
            swap.ended(stays ? Outcome.FAILED : Outcome.ROLLED_BACK, e.getMessage()
                + (stays ? "; the devices stay with bundle " + host.getBundleId() + " until the next start" : ""));
            throw e;
        } catch (IllegalStateException e) {
            // What the framework says of a bundle that somebody else uninstalled, as an installation of features does.
            String why = "a bundle was uninstalled meanwhile: " + Reasons.of(e);
            swap.ended(Outcome.FAILED, why);
            throw StorageException.failure(Errno.EBUSY, "karst_module_swap: " + why);
        }
    }

    private void replace(Jar next, Jar last) throws StorageException {
        Bundle beside = install(next);
        try {
            start(beside);
            activation.await(beside, modules);
            lap("activated");
            move(bundle, beside);
            host = beside;
            since = clock.nanos();
            update(next, last);
        } finally {
            if (host == null) {
                uninstall(beside);
            }
        }
    }

    private void lap(String phase) {
        long now = clock.nanos();
        swap.took(phase, now - since);
        since = now;
    }

    private Bundle install(Jar next) throws StorageException {
        try {
            Bundle beside = twins.install(next);
            lap("installed");
            return beside;
        } catch (BundleException | IOException e) {
            throw StorageException.failure(Errno.EINVAL, "the jar cannot be installed: " + Reasons.of(e));
        }
    }

    private static void start(Bundle beside) throws StorageException {
        try {
            beside.start(Bundle.START_TRANSIENT);
        } catch (BundleException e) {
            throw StorageException.failure(Errno.EINVAL, "the new version does not start: " + Reasons.of(e));
        }
    }

    /** Moves all devices of all modules, or none. */
    private void move(Bundle from, Bundle to) throws StorageException {
        List<String> done = new ArrayList<>();
        try {
            for (String module : modules) {
                swap.moved(move(from, to, module));
                done.add(module);
            }
        } catch (StorageException e) {
            for (String module : done.reversed()) {
                move(to, from, module);
            }
            throw e;
        }
    }

    private Moved move(Bundle from, Bundle to, String module) throws StorageException {
        return handOver.handOver(version(from, module).module(), version(to, module).module());
    }

    private Versions.Version version(Bundle of, String module) throws StorageException {
        return versions.of(of, module).orElseThrow(() -> StorageException.failure(
            Errno.ENODEV, "the module " + module + " of bundle " + of.getBundleId() + " is gone"));
    }

    /** The bundle becomes the next version and gets the devices; when it cannot, it does so as the last one. */
    private void update(Jar next, Jar last) throws StorageException {
        try {
            take(next);
        } catch (StorageException e) {
            take(last);
            throw e;
        }
    }

    private void take(Jar jar) throws StorageException {
        become(jar);
        lap("updated");
        move(host, bundle);
        host = null;
    }

    private void become(Jar jar) throws StorageException {
        try {
            bundle.update(jar.stream());
        } catch (BundleException e) {
            throw StorageException.failure(Errno.EIO, bundle.getSymbolicName() + " cannot be updated: " + Reasons.of(e));
        }
        activation.await(bundle, modules);
    }

    private static void uninstall(Bundle beside) {
        if (beside.getState() == Bundle.UNINSTALLED) {
            return;
        }
        try {
            beside.uninstall();
        } catch (BundleException e) {
            LOG.log(System.Logger.Level.WARNING, "swap: the bundle {0} beside stays until the next start: {1}",
                beside.getBundleId(), Reasons.of(e));
        }
    }
}
