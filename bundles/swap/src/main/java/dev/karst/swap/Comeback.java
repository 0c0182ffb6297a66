package dev.karst.swap;

import dev.karst.base.Clock;
import dev.karst.base.StorageException;
import dev.karst.bdev.Bdev;
import dev.karst.bdev.module.ModuleHandOver.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;
import org.osgi.framework.startlevel.BundleStartLevel;

/**
 * Watches a bundle whose modules went until they are back with their devices. If it was updated meanwhile and they are not
 * back in time, the version before is put back. A control thread; once.
 */
final class Comeback {
    /** As long as the block layer keeps devices without a module, unless it is told otherwise. */
    private static final long PATIENCE_MS = 10_000;
    /**
     * How long an updated bundle is unresolved at the most that resolves, for the moment between its update and its start; and
     * without a component that has one, for the moment until that is read.
     */
    private static final long MOMENT_NANOS = 500_000_000;

    private final Versions versions;
    private final Activation activation;
    private final Clock clock;
    private final Bundle bundle;
    private final List<String> modules;
    private final Copies.Copy before;
    private final DeployFolder deploy;
    private final Swap swap;
    private final long since;
    private long updatedNanos = -1;

    /** Of a bundle that was of this copy, with these modules; {@code swap} is filled in. */
    Comeback(PlannedSwap.Tools tools, Copies.Copy before, List<String> modules, Bundle bundle, DeployFolder deploy, Swap swap) {
        this.versions = tools.versions();
        this.activation = tools.activation();
        this.clock = tools.clock();
        this.before = before;
        this.modules = modules;
        this.bundle = bundle;
        this.deploy = deploy;
        this.swap = swap;
        this.since = clock.nanos();
    }

    /** Returns when it is decided. {@code ends}: whether nobody wants to know any more. */
    void watch(BooleanSupplier ends) throws InterruptedException {
        versions.await(() -> isBack() || isGone() || isNoGood() || ends.getAsBoolean(), PATIENCE_MS);
        swap.to(version());
        List<String> names = versions.devices(modules).stream().map(Bdev::name).toList();
        if (isBack()) {
            swap.ended(Outcome.SWAPPED, null);
        } else if (isNoGood()) {
            putBack(reason());
        } else {
            swap.ended(Outcome.FAILED, isGone() ? "the bundle was uninstalled"
                : "the bundle did not bring its module back within " + PATIENCE_MS + " ms");
        }
        swap.wereAway(names, clock.nanos() - since);
    }

    private boolean isBack() {
        return versions.areBound(bundle, modules) && versions.away(modules).isEmpty();
    }

    private boolean isGone() {
        return bundle.getState() == Bundle.UNINSTALLED;
    }

    boolean isUpdate() {
        return bundle.getLastModified() != before.modified();
    }

    private String version() {
        return isGone() ? before.version() : bundle.getVersion().toString();
    }

    /** Whether it was updated, is to run, and has had its time. */
    private boolean isNoGood() {
        if (isGone() || !isUpdate() || !bundle.adapt(BundleStartLevel.class).isPersistentlyStarted()) {
            return false;
        }
        if (updatedNanos < 0) {
            updatedNanos = clock.nanos();
        }
        long nanos = clock.nanos() - updatedNanos;
        boolean late = nanos > TimeUnit.MILLISECONDS.toNanos(activation.timeoutMs());
        boolean isUseless = nanos > MOMENT_NANOS && (bundle.getState() == Bundle.INSTALLED || activation.isBare(bundle));
        return late || isUseless || hasLeftDevices() || activation.failure(bundle).isPresent();
    }

    /** Whether all its modules are there and did what they could, and that was not all. Asked for devices after modules. */
    private boolean hasLeftDevices() {
        return versions.haveRestored(bundle, modules) && !versions.away(modules).isEmpty();
    }

    private String reason() {
        Optional<String> failure = activation.failure(bundle);
        if (failure.isPresent()) {
            return "the new version " + failure.get();
        }
        if (bundle.getState() != Bundle.ACTIVE) {
            return "the new version does not start: " + whyNotStarted();
        }
        List<String> away = versions.away(modules);
        return versions.areBound(bundle, modules) && !away.isEmpty()
            ? "the new version did not bring back " + String.join(", ", away) + ", see the log"
            : "the new version brought no module " + String.join(", ", modules)
                + (activation.isBare(bundle) ? ": it has no component" : " within " + activation.timeoutMs() + " ms");
    }

    private String whyNotStarted() {
        try {
            bundle.start();
            return "only now";
        } catch (BundleException e) {
            return Reasons.of(e);
        }
    }

    private void putBack(String why) throws InterruptedException {
        try {
            Jar bad = Jar.of(bundle);
            Jar good = before.jar();
            bundle.update(good.stream());
            bundle.start();
            Optional<Path> rejected = deploy.reject(bad, good);
            activation.await(bundle, modules);
            boolean back = versions.await(this::isBack, activation.timeoutMs());
            swap.ended(back ? Outcome.ROLLED_BACK : Outcome.FAILED,
                why + rejected.map(file -> "; the jar is " + file + " now").orElse("")
                    + (back ? "" : "; the version before is back, without " + String.join(", ", versions.away(modules))));
        } catch (IOException | BundleException | StorageException e) {
            swap.ended(Outcome.FAILED, why + "; and the version before cannot be put back: " + Reasons.of(e));
        }
    }
}
