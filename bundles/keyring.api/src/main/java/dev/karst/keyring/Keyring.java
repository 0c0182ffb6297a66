package dev.karst.keyring;

import dev.karst.base.StorageException;

/** All keys, a service. Control threads. */
public interface Keyring {
    /** Most bytes of a key. */
    int MAX_BYTES = 4096;

    /**
     * Reads a key anew, so that a changed one is seen. The caller owns the bytes and overwrites them when it is done; it neither
     * logs nor shows them.
     *
     * @return its bytes as they are stored, at most {@link #MAX_BYTES}
     * @throws StorageException ENOKEY when there is none of that name; ENOENT, EPERM or EFBIG when what holds it is gone, may be
     *     read by others or is too long; a message never holds a part of the key
     */
    byte[] read(String name) throws StorageException;

    /** Whether there is a key of that name. */
    boolean has(String name);
}
