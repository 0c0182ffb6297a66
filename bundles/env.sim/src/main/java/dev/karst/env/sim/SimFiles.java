package dev.karst.env.sim;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.env.DataFile;
import dev.karst.env.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** The files of a simulated machine. There are no folders; any absolute path may be created. */
public final class SimFiles implements Files {
    private final SimFaults faults;
    private final Map<Path, SparseBytes> files = new TreeMap<>();
    private int alignment = 512;
    private WriteRecorder recorder;

    SimFiles(SimFaults faults) {
        this.faults = faults;
    }

    @Override
    public DataFile open(Path path, boolean readOnly) throws StorageException {
        SparseBytes bytes = files.get(path);
        if (bytes == null) {
            throw StorageException.errno(Errno.ENOENT, "cannot open " + path + ": no such file");
        }
        return new SimDataFile(path, readOnly, alignment, bytes);
    }

    @Override
    public void create(Path path, long bytes) throws StorageException {
        if (files.containsKey(path)) {
            throw StorageException.errno(Errno.EEXIST, "cannot create " + path + ": it is there");
        }
        if (freeBytes() <= 0) {
            throw StorageException.errno(Errno.ENOSPC, "cannot create " + path + ": no space left");
        }
        SparseBytes content = new SparseBytes(bytes);
        files.put(path, content);
        if (recorder != null) {
            recorder.created(path, bytes);
        }
    }

    /** Nothing is recorded: a power cut leaves the file as if it had not been deleted. */
    @Override
    public void delete(Path path) throws StorageException {
        if (files.remove(path) == null) {
            throw StorageException.errno(Errno.ENOENT, "cannot delete " + path + ": no such file");
        }
    }

    @Override
    public boolean exists(Path path) {
        return files.containsKey(path);
    }

    /** What files opened from now on ask of offsets, lengths and addresses: 512 unless told; 1 for a page cache. */
    public void alignment(int bytes) {
        alignment = bytes;
    }

    /** What reads of the file see now; null when there is none. */
    public SparseBytes content(Path path) {
        return files.get(path);
    }

    /** Makes a file with those bytes, for a test or from a {@link CrashState}. */
    public void put(Path path, SparseBytes bytes) {
        files.put(path, bytes);
        if (recorder != null) {
            recorder.put(path, bytes);
        }
    }

    /** Records all that is written from now on, for {@link PowerCut}; what is there now is durable. */
    public WriteRecorder record() {
        recorder = new WriteRecorder(files);
        return recorder;
    }

    /** Who records what is written; null when nobody does. */
    public WriteRecorder recorder() {
        return recorder;
    }

    /** Bytes that can still be allocated. */
    long freeBytes() {
        if (faults.diskBytes == Long.MAX_VALUE) {
            return Long.MAX_VALUE;
        }
        return faults.diskBytes - files.values().stream().mapToLong(SparseBytes::allocated).sum();
    }
}
