package dev.karst.swap;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;

/**
 * Installs a bundle beside another, under a name of its own: of two with one name and version the framework refuses the second, and
 * Karaf's features may take it for the first.
 */
final class Twins {
    private static final System.Logger LOG = System.getLogger(Twins.class.getName());
    private static final String LOCATION = "karst-swap:";
    private static final String SUFFIX = ".beside";

    private final BundleContext context;
    private final AtomicLong number = new AtomicLong();

    Twins(BundleContext context) {
        this.context = context;
    }

    /** Installs a jar under a location and a name of its own. */
    Bundle install(Jar jar) throws BundleException, IOException {
        String location = LOCATION + jar.symbolicName() + ":" + number.getAndIncrement();
        return context.installBundle(location, jar.named(jar.symbolicName() + SUFFIX).stream());
    }

    /** Whether it stands beside another. */
    static boolean isOne(Bundle bundle) {
        return bundle.getLocation().startsWith(LOCATION);
    }

    /** Uninstalls those that an earlier process left behind when it ended in the middle of a swap. */
    void removeLeftovers() {
        for (Bundle bundle : context.getBundles()) {
            if (isOne(bundle)) {
                try {
                    bundle.uninstall();
                } catch (BundleException e) {
                    LOG.log(System.Logger.Level.WARNING, "swap: the bundle {0} of an earlier swap stays: {1}",
                        bundle.getBundleId(), Reasons.of(e));
                }
            }
        }
    }
}
