package dev.karst.nvme.transport;

import dev.karst.base.StorageException;
import dev.karst.nvme.ControllerOptions;
import dev.karst.nvme.TransportId;
import dev.karst.reactor.Reactor;

/**
 * Controllers behind a connection for each queue. The transport moves capsules and data; Connect, properties, keep-alive and all other
 * commands are the driver's.
 */
public non-sealed interface FabricsTransport extends NvmeTransport {
    /**
     * A queue that is not connected yet. Control threads.
     *
     * @param qid 0 for the admin queue
     * @param depth how many requests may be in flight
     * @throws StorageException EINVAL when the address cannot be one of this transport; ENOMEM
     */
    TransportQueue queue(
        TransportId id, ControllerOptions options, Reactor reactor, int qid, int depth, TransportQueue.Owner owner)
        throws StorageException;
}
