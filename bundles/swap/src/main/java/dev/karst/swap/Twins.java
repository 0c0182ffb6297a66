package dev.karst.swap;

import java.util.Collection;
import java.util.concurrent.atomic.AtomicLong;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.ServiceRegistration;
import org.osgi.framework.hooks.bundle.CollisionHook;

/**
 * Installs a bundle beside another of the same name and version, and updates it to such a one. The framework allows that to
 * nobody else: the hook lets pass only what is done in here.
 */
final class Twins implements CollisionHook, AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Twins.class.getName());
    private static final String LOCATION = "karst-swap:";
    private static final ScopedValue<Boolean> ALLOWED = ScopedValue.newInstance();

    private final BundleContext context;
    private final ServiceRegistration<CollisionHook> hook;
    private final AtomicLong number = new AtomicLong();

    Twins(BundleContext context) {
        this.context = context;
        this.hook = context.registerService(CollisionHook.class, this, null);
    }

    @Override
    public void filterCollisions(int operation, Bundle target, Collection<Bundle> collisions) {
        if (ALLOWED.isBound()) {
            collisions.clear();
        }
    }

    /** Installs a jar under a location of its own. */
    Bundle install(Jar jar) throws BundleException {
        String location = LOCATION + jar.symbolicName() + ":" + number.getAndIncrement();
        return ScopedValue.where(ALLOWED, true).call(() -> context.installBundle(location, jar.stream()));
    }

    /** Gives a bundle another content; it runs again afterwards if it ran before. */
    void update(Bundle bundle, Jar jar) throws BundleException {
        ScopedValue.where(ALLOWED, true).call(() -> {
            bundle.update(jar.stream());
            return null;
        });
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

    @Override
    public void close() {
        hook.unregister();
    }
}
