package dev.karst.nvmf.core.model;

import dev.karst.nvmf.ListenAddress;
import java.util.List;

/**
 * All that can be reached by anybody, at one time.
 *
 * @param generation changes whenever the entries do
 * @param entries what there is
 */
public record DiscoverySnapshot(long generation, List<Entry> entries) {
    /**
     * Where a subsystem can be reached.
     *
     * @param subsystem which
     * @param address where
     * @param portId the address as a number
     * @param queueEntries most entries of an admin queue there
     */
    public record Entry(Subsystem subsystem, ListenAddress address, int portId, int queueEntries) {}
}
