package dev.karst.swap;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Swaps and deployments of features wait for each other. */
@Timeout(30)
class TurnsTest {
    private static final long MOMENT_MS = 50;

    private final Turns turns = new Turns(60_000, 60_000);

    /** What may be interrupted. */
    @FunctionalInterface
    private interface Step {
        boolean run() throws InterruptedException;
    }

    private static CompletableFuture<Boolean> begin(Step step) {
        CompletableFuture<Boolean> told = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                told.complete(step.run());
            } catch (InterruptedException e) {
                told.completeExceptionally(e);
            }
        });
        return told;
    }

    private CompletableFuture<Boolean> beginDeployment() {
        return begin(() -> {
            turns.deploymentBegins();
            return true;
        });
    }

    private static boolean waits(CompletableFuture<Boolean> begun) throws InterruptedException, ExecutionException {
        try {
            begun.get(MOMENT_MS, TimeUnit.MILLISECONDS);
            return false;
        } catch (TimeoutException e) {
            return true;
        }
    }

    @Test
    void shouldRefuseWhenAnotherSwapRuns() throws Exception {
        assertTrue(turns.swapBegins());
        assertFalse(turns.swapBegins());
        turns.swapEnds();
        assertTrue(turns.swapBegins());
    }

    @Test
    void shouldSwapAfterwardsWhenADeploymentRuns() throws Exception {
        turns.deploymentBegins();
        CompletableFuture<Boolean> swap = begin(turns::swapBegins);
        assertTrue(waits(swap));
        turns.deploymentStep();
        assertTrue(waits(swap));
        turns.deploymentEnds();
        assertTrue(swap.get());
    }

    @Test
    void shouldSwapAfterwardsWhenADeploymentWasUnderWayBefore() throws Exception {
        turns.deploymentStep();
        CompletableFuture<Boolean> swap = begin(turns::swapBegins);
        assertTrue(waits(swap));
        turns.deploymentEnds();
        assertTrue(swap.get());
    }

    @Test
    void shouldDeployBeforeTheNextSwapWhenASwapRuns() throws Exception {
        assertTrue(turns.swapBegins());
        CompletableFuture<Boolean> deployment = beginDeployment();
        assertTrue(waits(deployment));
        turns.swapEnds();
        CompletableFuture<Boolean> next = begin(turns::swapBegins);
        assertTrue(deployment.get());
        assertTrue(waits(next));
        turns.deploymentEnds();
        assertTrue(next.get());
    }

    @Test
    void shouldSwapWhenADeploymentFellSilent() throws Exception {
        Turns impatient = new Turns(1, 60_000);
        impatient.deploymentBegins();
        assertTrue(impatient.swapBegins());
        impatient.deploymentEnds();
        assertFalse(impatient.swapBegins());
    }

    @Test
    void shouldDeployWhenASwapHangs() throws Exception {
        Turns impatient = new Turns(60_000, 1);
        assertTrue(impatient.swapBegins());
        impatient.deploymentBegins();
        impatient.swapEnds();
        assertTrue(waits(begin(impatient::swapBegins)));
    }
}
