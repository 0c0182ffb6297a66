package dev.karst.nvmf.core.model;

import dev.karst.nvmf.NvmfConnection;

/** The target as its queues see it. Any thread. */
public interface Target {
    /** Firmware revision; eight characters at most. */
    String VERSION = "0.1.0";

    /** The subsystem of that name, or null. */
    Subsystem subsystem(String nqn);

    /** What can be reached now. */
    DiscoverySnapshot discovery();

    /** A Connect was refused. */
    void refused(NvmfConnection connection, ConnectFields fields, int status);
}
