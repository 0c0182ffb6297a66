package dev.karst.itests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.inject.Inject;
import org.apache.karaf.features.Feature;
import org.junit.Test;
import org.osgi.framework.Bundle;
import org.osgi.framework.Constants;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;

/** The distribution boots whole. */
public class ContainerIT extends KarstContainer {
    @Inject
    private ServiceComponentRuntime components;

    @Test
    public void shouldRunOnJdk25() {
        assertEquals(25, Runtime.version().feature());
    }

    @Test
    public void shouldKnowWhoRunsCommand() {
        assertTrue(shell("jaas:whoami --roles").contains("viewer"));
    }

    @Test
    public void shouldInstallEveryFeature() throws Exception {
        List<String> missing = new ArrayList<>();
        for (Feature feature : features.listFeatures()) {
            if (feature.getName().startsWith("karst") && !features.isInstalled(feature)) {
                missing.add(feature.getName());
            }
        }
        assertEquals(List.of(), missing);
    }

    @Test
    public void shouldStartEveryBundle() {
        List<String> idle = Stream.of(context.getBundles())
            .filter(bundle -> bundle.getHeaders().get(Constants.FRAGMENT_HOST) == null)
            .filter(bundle -> bundle.getState() != Bundle.ACTIVE)
            .map(Bundle::getSymbolicName)
            .toList();
        assertEquals(List.of(), idle);
    }

    @Test
    public void shouldSatisfyEveryComponent() {
        List<String> unsatisfied = new ArrayList<>();
        for (ComponentDescriptionDTO component : components.getComponentDescriptionDTOs(karstBundles())) {
            for (ComponentConfigurationDTO configuration : components.getComponentConfigurationDTOs(component)) {
                boolean good = configuration.state == ComponentConfigurationDTO.ACTIVE
                    || configuration.state == ComponentConfigurationDTO.SATISFIED;
                if (!good) {
                    unsatisfied.add(component.name + " lacks " + Arrays.toString(configuration.unsatisfiedReferences)
                        + configuration.failure);
                }
            }
        }
        assertEquals(List.of(), unsatisfied);
        assertFalse(components.getComponentDescriptionDTOs(karstBundles()).isEmpty());
    }

    private Bundle[] karstBundles() {
        return Stream.of(context.getBundles())
            .filter(bundle -> bundle.getSymbolicName().startsWith("dev.karst."))
            .toArray(Bundle[]::new);
    }
}
