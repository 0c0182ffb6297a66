package dev.karst.config;

import java.util.stream.Stream;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.startlevel.FrameworkStartLevel;

/**
 * The phase as the framework tells it. The start is over when it has reached the start level that it begins with and, where Karaf
 * installs features, those of the first start are all there.
 */
final class FrameworkPhase implements ContainerPhase {
    private static final String FEATURES_BUNDLE = "org.apache.karaf.features.core";
    private static final String FEATURES_INSTALLED = "org.apache.karaf.features.BootFinished";

    private final BundleContext context;

    FrameworkPhase(BundleContext context) {
        this.context = context;
    }

    @Override
    public boolean isStarting() {
        return !hasReachedLevel() || hasFeatures() && !hasService(FEATURES_INSTALLED);
    }

    @Override
    public boolean isStopping() {
        return context.getBundle(0).getState() == Bundle.STOPPING;
    }

    /** Karaf has the framework begin lower, and leaves the level that it goes on to in the process's property. */
    private boolean hasReachedLevel() {
        String name = Constants.FRAMEWORK_BEGINNING_STARTLEVEL;
        String level = System.getProperty(name, context.getProperty(name));
        int beginning = level == null ? 1 : Integer.parseInt(level.strip());
        return context.getBundle(0).adapt(FrameworkStartLevel.class).getStartLevel() >= beginning;
    }

    private boolean hasFeatures() {
        return Stream.of(context.getBundles()).anyMatch(bundle -> FEATURES_BUNDLE.equals(bundle.getSymbolicName()));
    }

    /** By name, as this bundle needs nothing of Karaf. */
    private boolean hasService(String name) {
        try {
            return context.getAllServiceReferences(name, null) != null;
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
