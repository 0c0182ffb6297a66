package dev.karst.nvme;

/** Who is told of what happens to a controller. On a control thread, one after the other; may block, and holds up later events then. */
public interface NvmeEvents {
    /** It is in another state now. */
    default void stateChanged(NvmeController controller, NvmeController.State state) {}

    /** Namespaces came, went or changed: {@link NvmeController#namespaces} says what is there now. */
    default void namespacesChanged(NvmeController controller) {}

    /** The states of ANA groups changed: the log page is read anew. */
    default void anaChanged(NvmeController controller) {}

    /**
     * The controller said something by itself; also what the other methods tell. NVMe Base 2.1, 5.1.2, dword 0.
     *
     * @param type asynchronous event type
     * @param info asynchronous event information
     * @param logPage the log page that says more
     */
    default void asynchronousEvent(NvmeController controller, int type, int info, int logPage) {}
}
