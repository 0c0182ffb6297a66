package dev.karst.nvme;

import dev.karst.base.StorageException;
import java.util.List;
import java.util.Optional;

/** Finds and attaches controllers, a service. Control threads; calls may block. */
public interface NvmeDriver {
    /** Where controllers are that can be found without being told: on the machine's bus. */
    List<TransportId> probe();

    /** The controllers that are attached, in that order. */
    List<NvmeController> controllers();

    /** The one at this place. */
    default Optional<NvmeController> controller(TransportId id) {
        return controllers().stream().filter(controller -> controller.id().equals(id)).findFirst();
    }

    /**
     * Attaches a controller: resets and enables it, and reads what it is and has.
     *
     * @throws StorageException EEXIST when it is attached; ENODEV when there is none; ECONNREFUSED and the like; EOPNOTSUPP when no
     *     transport of that type is there; EPROTO when it says what it cannot mean; ETIMEDOUT; EIO with the status of the command that
     *     failed
     */
    NvmeController attach(TransportId id, ControllerOptions options) throws StorageException;

    /**
     * The subsystems that a discovery controller knows, referrals followed, each way once.
     *
     * @param id where the discovery controller is; its subsystem is left out
     * @throws StorageException as {@link #attach}
     */
    List<TransportId> discover(TransportId id, ControllerOptions options) throws StorageException;

    /** A discovery controller that tells of changes. */
    interface Following {
        /** Whether it still may tell: not after {@link #close}, after it was lost for good, or without the driver. */
        boolean isOpen();

        /** Lets go of it. Control threads; blocks. */
        void close();
    }

    /**
     * Stays with a discovery controller and tells when what it knows has changed, or may have while it was out of reach.
     *
     * @param id where it is; its subsystem is left out
     * @param options with a keep-alive time, or it gives the host up after a while
     * @param changed on a control thread
     * @throws StorageException as {@link #attach}
     */
    Following follow(TransportId id, ControllerOptions options, Runnable changed) throws StorageException;
}
