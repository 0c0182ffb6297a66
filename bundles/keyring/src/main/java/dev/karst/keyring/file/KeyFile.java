package dev.karst.keyring.file;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.env.Files;
import dev.karst.keyring.Keyring;
import java.nio.file.Path;

/** The file that holds a key. */
record KeyFile(Path path) {
    /** Fails when the path is not absolute, there is nothing, or others could read what is there. */
    void check(Files files) throws StorageException {
        if (!path.isAbsolute()) {
            throw refused(Errno.EPERM, "is not absolute");
        }
        if (!files.exists(path)) {
            throw refused(Errno.ENOENT, "is not there");
        }
        if (!files.isPrivate(path)) {
            throw refused(Errno.EPERM, "must belong to the user that Karst runs as, with mode 0600");
        }
    }

    byte[] read(Files files) throws StorageException {
        check(files);
        return files.read(path, Keyring.MAX_BYTES);
    }

    private StorageException refused(int errno, String why) {
        return StorageException.errno(errno, Errno.text(errno) + ": the key file " + path + " " + why);
    }
}
