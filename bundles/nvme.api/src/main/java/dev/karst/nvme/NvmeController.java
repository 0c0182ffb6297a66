package dev.karst.nvme;

import dev.karst.base.StorageException;
import dev.karst.reactor.Reactor;
import java.util.List;
import java.util.Optional;

/** An attached controller. Control threads, except where a method says otherwise; calls may block. */
public interface NvmeController {
    /** What it is up to. */
    enum State {
        /** Commands are taken. */
        READY,
        /** It is being reset. */
        RESETTING,
        /** Its connection was lost; it is tried again from time to time. */
        RECONNECTING,
        /** It was given up: only {@link #reset} may bring it back. */
        FAILED,
        /** It was pulled out. */
        REMOVED,
        /** It was detached. */
        DETACHED
    }

    TransportId id();

    ControllerOptions options();

    /** Any thread. */
    State state();

    /** Why it is not ready, in one line; empty when it is. Any thread. */
    String reason();

    /** What it says of itself, as it was read last. Any thread. */
    ControllerData data();

    /** The namespaces that are attached to it, by number, as they were read last. Any thread. */
    List<NvmeNamespace> namespaces();

    /** The namespace of that number. Any thread. */
    default Optional<NvmeNamespace> namespace(int nsid) {
        return namespaces().stream().filter(namespace -> namespace.nsid() == nsid).findFirst();
    }

    /** Tells from now on; on a control thread, one event after the other. */
    void watch(NvmeEvents events);

    /** Tells no more. */
    void unwatch(NvmeEvents events);

    /**
     * Opens a queue pair for the reactor.
     *
     * @throws StorageException ENOSPC when the controller has no more; ENOTCONN when it is not ready; ENOMEM; EIO
     */
    NvmeQueuePair openQueuePair(Reactor reactor) throws StorageException;

    /**
     * Closes a queue pair; what is in flight ends first, by itself, or aborted when that takes a second.
     *
     * @throws StorageException ETIMEDOUT
     */
    void closeQueuePair(NvmeQueuePair queue) throws StorageException;

    /**
     * Does an admin command and waits for it.
     *
     * @throws StorageException EIO, naming command and status; ENOTCONN; ETIMEDOUT, after which the controller is reset
     */
    Reply admin(Command command) throws StorageException;

    /**
     * Does an I/O command on a queue of the driver's own and waits for it.
     *
     * @throws StorageException as {@link #admin}
     */
    Reply io(Command command) throws StorageException;

    /** Gives an admin command to the queue; {@link NvmeRequest#ended} is called on the queue's reactor. Any thread, without waiting. */
    void submitAdmin(NvmeRequest request);

    /** Its memory buffer (CMB), as far as it is for data; none unless {@link ControllerOptions#ownMemory}. Any thread. */
    Optional<ControllerMemory> buffer();

    /** Its persistent memory region (PMR); likewise. Any thread. */
    Optional<ControllerMemory> persistent();

    /** Errors that its admin commands, or else those of all other queue pairs, are to end with; until it is detached. Any thread. */
    Injections injections(boolean admin);

    /**
     * Resets it, or connects it anew: what is in flight ends, queue pairs come back.
     *
     * @throws StorageException what stood in the way; it has then failed, or is reconnecting
     */
    void reset() throws StorageException;

    /** Resets the whole NVM subsystem (NSSR). Same errors, and EOPNOTSUPP. */
    void resetSubsystem() throws StorageException;

    /** Shuts it down in good order and lets go of it; queue pairs are closed as if one by one. Does nothing the second time. */
    void detach();
}
