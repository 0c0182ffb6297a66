package dev.karst.iscsi;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.keyring.Keyring;

/** A keyring without keys. */
final class NoKeys implements Keyring {
    @Override
    public byte[] read(String name) throws StorageException {
        throw StorageException.errno(Errno.ENOKEY, "there is no key " + name);
    }

    @Override
    public boolean has(String name) {
        return false;
    }
}
