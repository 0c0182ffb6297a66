package dev.karst.env.sim;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.env.DataFile;
import java.nio.file.Path;

/** A simulated file that is open; all that have the same path open share its bytes. */
final class SimDataFile extends DataFile {
    private final Path path;
    private final boolean readOnly;
    private final int alignment;
    private final SparseBytes bytes;
    private final SimFiles files;
    private boolean closed;
    int inFlight;

    SimDataFile(Path path, boolean readOnly, int alignment, SparseBytes bytes, SimFiles files) {
        this.path = path;
        this.readOnly = readOnly;
        this.alignment = alignment;
        this.bytes = bytes;
        this.files = files;
    }

    @Override
    public Path path() {
        return path;
    }

    @Override
    public boolean readOnly() {
        return readOnly;
    }

    @Override
    public int alignment() {
        return alignment;
    }

    @Override
    public boolean punches() {
        return true;
    }

    @Override
    public boolean seeks() {
        return true;
    }

    @Override
    public long seek(long offset, boolean hole) {
        return bytes.seek(offset, hole);
    }

    @Override
    public long size() {
        return bytes.size();
    }

    @Override
    public void resize(long length) throws StorageException {
        if (readOnly) {
            throw StorageException.errno(Errno.EROFS, "cannot give " + path + " another length: it is open for reading");
        }
        bytes.resize(length);
        if (files.recorder() != null) {
            files.recorder().resized(path, length);
        }
    }

    @Override
    public void close() {
        if (inFlight > 0) {
            throw new IllegalStateException(path + " closed with " + inFlight + " operations in flight");
        }
        closed = true;
    }

    /** What reads see. */
    SparseBytes bytes() {
        return bytes;
    }

    boolean isClosed() {
        return closed;
    }
}
