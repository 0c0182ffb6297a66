package dev.karst.nvme;

/**
 * How a controller is attached.
 *
 * @param queueEntries entries of an I/O queue, one more than can be in flight; cut to what the controller can
 * @param adminEntries entries of the admin queue
 * @param keepAliveMs KATO: the controller gives the host up when it hears nothing for so long; 0 for never. Fabrics
 * @param hostNqn NQN of this host; empty for one made of the machine's identity
 * @param hostId host identifier, 16 bytes in hexadecimal; empty for that of the host NQN
 * @param hostAddress local address to connect from; empty for any. Fabrics
 * @param headerDigest whether headers carry a CRC32C. TCP
 * @param dataDigest whether data carries a CRC32C. TCP
 * @param interrupts whether queues announce completions by interrupts, so that an idle reactor may sleep; else it naps
 * @param sgl whether SGLs are used where the controller knows them
 * @param ownMemory whether use is made of the controller's own memory: submission queues lie in its buffer where it takes them, and {@link
 *     NvmeController#buffer} and {@link NvmeController#persistent} give the rest. PCIe
 * @param timeouts how long things may take
 */
public record ControllerOptions(
    int queueEntries, int adminEntries, int keepAliveMs, String hostNqn, String hostId, String hostAddress, boolean headerDigest,
    boolean dataDigest, boolean interrupts, boolean sgl, boolean ownMemory, Timeouts timeouts) {
    /**
     * How long things may take.
     *
     * @param ioMs an I/O command; then it is aborted and, if that does not help, the controller is reset; 0 for ever
     * @param adminMs an admin command
     * @param reconnectMs how long after a connection was lost or could not be made the next attempt is made; doubles up to
     *     8 times as long
     * @param lossMs for how long it is tried; then the controller has failed. 0 for not at all, -1 for ever
     */
    public record Timeouts(int ioMs, int adminMs, int reconnectMs, int lossMs) {}

    /** What fits most. */
    public static ControllerOptions standard() {
        return new ControllerOptions(257, 32, 10_000, "", "", "", false, false, true, true, false, new Timeouts(0, 30_000, 500, -1));
    }
}
