package dev.karst.swap;

import org.apache.karaf.features.DeploymentEvent;
import org.apache.karaf.features.DeploymentListener;
import org.apache.karaf.features.FeaturesService;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/**
 * Has Karaf's feature service wait for the planned swap that runs, and planned swaps for what it deploys. It is there, and its class
 * loaded, only where that service is.
 */
@Component(immediate = true, service = {})
public final class FeatureDeployments implements DeploymentListener {
    private final FeaturesService features;
    private final Turns turns;

    @Activate
    public FeatureDeployments(@Reference FeaturesService features, @Reference SwapFront swaps) {
        this.features = features;
        this.turns = swaps.turns();
        features.registerListener(this);
    }

    @Deactivate
    void stop() {
        features.unregisterListener(this);
    }

    /** On the thread that deploys. The first thing that is told to a new listener is what happened last. */
    @Override
    public void deploymentEvent(DeploymentEvent event) {
        switch (event) {
            case DEPLOYMENT_STARTED -> begin();
            case BUNDLES_INSTALLED, BUNDLES_RESOLVED -> turns.deploymentStep();
            case DEPLOYMENT_FINISHED -> turns.deploymentEnds();
        }
    }

    private void begin() {
        try {
            turns.deploymentBegins();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
