package dev.karst.config;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.rpc.ChangeJournal;
import java.util.Map;

/**
 * Stands where nothing can be kept, and says why.
 *
 * @param reason for those who try to change something
 */
record RefusingJournal(String reason) implements ChangeJournal {
    @Override
    public void reserve() throws StorageException {
        throw StorageException.errno(Errno.EROFS, "changes cannot be kept: " + reason);
    }

    @Override
    public long append(String method, Map<String, Object> parameters) {
        throw new IllegalStateException(method + " was called all the same");
    }

    @Override
    public void await(long change) {
        throw new IllegalStateException("there is no change " + change);
    }
}
