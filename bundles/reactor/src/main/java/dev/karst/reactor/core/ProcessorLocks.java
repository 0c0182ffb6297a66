package dev.karst.reactor.core;

import dev.karst.base.StorageException;
import dev.karst.env.Processors;
import dev.karst.rpc.RpcError;
import java.util.ArrayList;
import java.util.List;

/** The locks of processors that this process holds. Control threads. */
final class ProcessorLocks {
    private final Processors processors;
    private final List<Integer> held = new ArrayList<>();

    ProcessorLocks(Processors processors) {
        this.processors = processors;
    }

    /** Takes all that are not held, or none. Fails with SPDK's code and words. */
    synchronized void take(List<Integer> wanted) throws StorageException {
        List<Integer> taken = new ArrayList<>();
        for (int processor : wanted) {
            if (!held.contains(processor)) {
                try {
                    processors.lock(processor);
                } catch (StorageException e) {
                    taken.forEach(processors::unlock);
                    throw new StorageException(
                        RpcError.INTERNAL_ERROR, "Failed to claim CPU core: " + processor + ": " + e.getMessage(), e);
                }
                taken.add(processor);
            }
        }
        held.addAll(taken);
    }

    /** Gives all back. */
    synchronized void giveAll() {
        held.forEach(processors::unlock);
        held.clear();
    }
}
