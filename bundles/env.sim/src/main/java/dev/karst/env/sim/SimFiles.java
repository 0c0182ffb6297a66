package dev.karst.env.sim;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.env.DataFile;
import dev.karst.env.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * The files of a simulated machine. There are no folders; any absolute path may be created. Small files are written and
 * renamed at once, and durable when synced, as {@link WriteRecorder} has it.
 */
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
        return new SimDataFile(path, readOnly, alignment, existing(path, "open"), this);
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

    @Override
    public byte[] read(Path path, int most) throws StorageException {
        SparseBytes bytes = existing(path, "read");
        if (bytes.size() > most) {
            throw StorageException.errno(Errno.EFBIG, "cannot read " + path + ": it holds more than " + most + " bytes");
        }
        return bytes.read(0, (int) bytes.size());
    }

    private SparseBytes existing(Path path, String what) throws StorageException {
        SparseBytes bytes = files.get(path);
        if (bytes == null) {
            throw StorageException.errno(Errno.ENOENT, "cannot " + what + " " + path + ": no such file");
        }
        return bytes;
    }

    @Override
    public void write(Path path, byte[] content) throws StorageException {
        SparseBytes bytes = new SparseBytes(content.length);
        if (bytes.growth(0, content.length) > freeBytes()) {
            throw StorageException.errno(Errno.ENOSPC, "cannot write " + path + ": no space left");
        }
        bytes.write(0, content, 0, content.length);
        files.put(path, bytes);
        if (recorder != null) {
            recorder.written(path, content);
        }
    }

    @Override
    public void writeAt(Path path, long offset, byte[] content) throws StorageException {
        SparseBytes bytes = existing(path, "write");
        long growth = bytes.growth(offset, content.length);
        if (growth > 0 && growth > freeBytes()) {
            throw StorageException.errno(Errno.ENOSPC, "cannot write " + path + ": no space left");
        }
        bytes.write(offset, content, 0, content.length);
        if (recorder != null) {
            recorder.overwritten(path, offset, content);
        }
    }

    @Override
    public void sync(Path path) throws StorageException {
        existing(path, "sync");
        if (recorder != null && !faults.lyingSync) {
            recorder.synced(path, recorder.now());
        }
    }

    @Override
    public void rename(Path from, Path to) throws StorageException {
        files.put(to, existing(from, "rename"));
        files.remove(from);
        if (recorder != null) {
            recorder.renamed(from, to);
        }
    }

    @Override
    public void syncFolder(Path folder) {
        if (recorder != null && !faults.lyingSync) {
            recorder.syncedFolder(folder);
        }
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
