package dev.karst.config;

/** What the container is doing. Any thread. */
interface ContainerPhase {
    /** Whether bundles are still being started, so that more methods are to be expected; once they are not, never again. */
    boolean isStarting();

    /** Whether everything goes. */
    boolean isStopping();
}
