package dev.karst.nvmf.core.model;

import dev.karst.nvmf.NvmfConnection;
import java.util.function.Consumer;

/** The target as its queues see it. Any thread. */
public interface Target {
    /** Firmware revision; eight characters at most. */
    String VERSION = "0.1.0";

    /** Command Retry Delay Times that hosts are told, each in units of 100 ms; 0 for none. */
    record RetryDelays(int crdt1, int crdt2, int crdt3) {
        /** None. */
        public static final RetryDelays NONE = new RetryDelays(0, 0, 0);
    }

    /** What controllers tell hosts that identify them from now on. */
    RetryDelays retryDelays();

    /** The subsystem of that name, or null. */
    Subsystem subsystem(String nqn);

    /** What can be reached now. */
    DiscoverySnapshot discovery();

    /** What a successor of the queue needs; null when it cannot have one. On the queue's reactor, which does nothing. */
    byte[] handOver(TargetQueue queue);

    /** Makes the queue the successor of one that was handed over; see {@link dev.karst.nvmf.NvmfQueue#takeOver}. */
    void takeOver(TargetQueue queue, byte[] state, Consumer<String> done);

    /** A Connect was refused. */
    void refused(NvmfConnection connection, ConnectFields fields, int status);
}
