package dev.karst.rpc;

import dev.karst.base.StorageException;
import java.util.Map;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Keeps changes of the saved state, a service that is there from when the saved state has been played. The registry is its only
 * user: it makes one change after the other, each between {@link #reserve} and {@link #append}, and waits for several at once.
 * Control threads.
 */
@ConsumerType
public interface ChangeJournal {
    /**
     * Makes room for one more change; nothing else changes meanwhile.
     *
     * @throws StorageException ENOSPC, or what else keeps a change from being kept; then it must not be made
     */
    void reserve() throws StorageException;

    /**
     * Adds a change that was made, in the order in which changes are made.
     *
     * @param parameters that make it again
     * @return what {@link #await} takes
     */
    long append(String method, Map<String, Object> parameters);

    /**
     * Returns once this change, and all before it, are durable: one sync is for all that wait. May block as long as a disk does.
     *
     * @throws StorageException EIO or what else the medium says: the change was made, and may be gone after a restart
     */
    void await(long change) throws StorageException;
}
