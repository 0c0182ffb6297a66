package dev.karst.env;

import dev.karst.base.StorageException;

/** Stream sockets. Control threads. */
public interface Network {
    /**
     * Listens on a numeric IPv4 or IPv6 address.
     *
     * @param port 0 for one that is free
     * @throws StorageException EADDRINUSE, EADDRNOTAVAIL, EACCES, naming address and port; EINVAL for no address
     */
    ServerSocket listen(String address, int port, int backlog) throws StorageException;

    /**
     * Begins to connect to a numeric address and returns at once; the first {@link StreamSocket#write} or {@link
     * StreamSocket#read} that can go on, or a failure of them, tells the outcome.
     */
    default StreamSocket connect(String address, int port) throws StorageException {
        return connect(address, port, "");
    }

    /**
     * As {@link #connect(String, int)}, from an address of this machine.
     *
     * @param local numeric; empty for any
     * @throws StorageException EADDRNOTAVAIL, naming it, when the machine has no such address
     */
    StreamSocket connect(String address, int port, String local) throws StorageException;
}
