package dev.karst.swap;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.osgi.framework.Bundle;
import org.osgi.framework.Constants;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;

/** Waits for what a bundle brings when it starts. */
final class Activation {
    private final Versions versions;
    private final ServiceComponentRuntime components;
    private volatile long timeoutMs;

    Activation(Versions versions, ServiceComponentRuntime components) {
        this.versions = versions;
        this.components = components;
    }

    void timeoutMs(long millis) {
        timeoutMs = millis;
    }

    long timeoutMs() {
        return timeoutMs;
    }

    /**
     * Waits until the block layer has taken these modules of a bundle.
     *
     * @throws StorageException EIO when that does not happen in time, or cannot happen any more, saying why
     */
    void await(Bundle bundle, List<String> modules) throws StorageException {
        try {
            versions.await(() -> versions.areBound(bundle, modules) || failure(bundle).isPresent(), timeoutMs);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (!versions.areBound(bundle, modules)) {
            throw StorageException.failure(Errno.EIO, bundle.getSymbolicName() + " " + failure(bundle).orElse(
                "brought no module " + String.join(", ", modules) + " within " + timeoutMs + " ms"));
        }
    }

    /** Whether a bundle that runs has nothing that could bring a module: no component, and no activator. */
    boolean isBare(Bundle bundle) {
        return bundle.getState() == Bundle.ACTIVE && bundle.getHeaders().get(Constants.BUNDLE_ACTIVATOR) == null
            && components.getComponentDescriptionDTOs(bundle).isEmpty();
    }

    /** What a component of the bundle threw when it was activated. */
    Optional<String> failure(Bundle bundle) {
        return components.getComponentDescriptionDTOs(bundle).stream()
            .flatMap(component -> components.getComponentConfigurationDTOs(component).stream())
            .filter(configuration -> configuration.state == ComponentConfigurationDTO.FAILED_ACTIVATION)
            .map(configuration -> "failed to activate " + configuration.description.name + ": " + cause(configuration.failure))
            .findFirst();
    }

    /** From a stack trace: what was thrown last in the chain. */
    private static String cause(String trace) {
        String text = trace == null ? "" : trace;
        Stream<String> causes = text.lines().filter(line -> line.startsWith("Caused by: "))
            .map(line -> line.substring("Caused by: ".length()));
        return Reasons.line(causes.reduce((_, last) -> last).orElse(text));
    }
}
