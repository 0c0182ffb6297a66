package dev.karst.env.sim;

import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/** One of the states of all files that a power cut may leave. */
public final class CrashState {
    private final long instant;
    private final String what;
    private final Map<Path, SparseBytes> files;

    CrashState(long instant, String what, Map<Path, SparseBytes> files) {
        this.instant = instant;
        this.what = what;
        this.files = files;
    }

    /** When the power was cut, an instant of the {@link WriteRecorder}. */
    public long instant() {
        return instant;
    }

    /**
     * Which of the open writes are there, for people to read: {@code #} whole, {@code .} lost, {@code <3} its first three
     * sectors, {@code >3} all but those.
     */
    public String what() {
        return what;
    }

    /** The files. */
    public Map<Path, SparseBytes> files() {
        return Collections.unmodifiableMap(files);
    }

    /** Puts the files into an environment, where they are durable. This state stays as it is. */
    public void openIn(SimEnvironment environment) {
        files.forEach((path, bytes) -> environment.files().put(path, bytes.fork()));
    }

    /** A hash of the contents of all files. */
    public long hash() {
        long hash = 0;
        for (Map.Entry<Path, SparseBytes> file : files.entrySet()) {
            hash = hash * 31 + file.getKey().toString().hashCode();
            hash = hash * 0x9E3779B97F4A7C15L + file.getValue().hash();
        }
        return hash;
    }

    /** The same files, to be changed on their own. */
    static Map<Path, SparseBytes> forkAll(Map<Path, SparseBytes> files) {
        Map<Path, SparseBytes> forks = new TreeMap<>();
        files.forEach((path, bytes) -> forks.put(path, bytes.fork()));
        return forks;
    }
}
