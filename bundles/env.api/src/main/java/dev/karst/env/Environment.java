package dev.karst.env;

import dev.karst.base.Clock;
import dev.karst.base.StorageException;
import dev.karst.env.unix.UnixSockets;
import java.util.UUID;

/** The machine, as one service. Any thread, except where a method says otherwise. */
public interface Environment {
    Clock clock();

    Memory memory();

    Processors processors();

    Files files();

    Network network();

    /** What processes of one machine share. */
    default UnixSockets unixSockets() {
        return UnixSockets.NONE;
    }

    Threads threads();

    /** The PCI functions of the machine. */
    default Pci pci() {
        return Pci.NONE;
    }

    /** What outlives the bundle that had it. */
    Keepsakes keepsakes();

    /** A UUID that nobody else has: random on a machine, from the seed in the simulator. */
    default UUID newUuid() {
        return UUID.randomUUID();
    }

    /** What tells this machine from all others and stays over restarts; empty where there is nothing such. */
    default String machineId() {
        return "";
    }

    /**
     * A set of event sources for one reactor to wait on. Call on any thread; the set then belongs to one reactor.
     *
     * @throws StorageException EMFILE when there are no descriptors left
     */
    EventSet openEventSet() throws StorageException;

    /**
     * A ring for asynchronous file I/O that belongs to the calling thread, which must be the reactor's. Its completions are
     * announced by {@code events}. Where io_uring is forbidden a helper thread does the work instead; {@link
     * FileRing#kind} tells.
     *
     * @param depth how many operations may be in flight; a power of two
     */
    FileRing openFileRing(EventSet events, int depth) throws StorageException;
}
