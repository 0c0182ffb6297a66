package dev.karst.env.sim;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * All that was done to the files since recording began, each at an instant: instants are numbered, and between two of them
 * nothing happens. {@link PowerCut} asks what a power cut at an instant may leave.
 */
public final class WriteRecorder {
    static final long NEVER = Long.MAX_VALUE;
    /** What may become of a write when a SYNC fails. */
    private static final int FATES = 4;

    /** A write or, without data, a range that was set to zeros; for the device that does it. */
    public static class Write {
        final Path path;
        final long offset;
        final long submitted;
        long length;
        byte[] data;
        /** When the disk did it. */
        long completed = NEVER;
        /** When its owner was told. */
        long acknowledged = NEVER;
        long durable = NEVER;
        /** When it came to nothing: failed or cancelled. */
        long dropped = NEVER;

        Write(Path path, long offset, long length, byte[] data, long submitted) {
            this.path = path;
            this.offset = offset;
            this.length = length;
            this.data = data;
            this.submitted = submitted;
        }

        /** Whether a power cut then may leave it whole, torn or not at all. */
        boolean isOpen(long instant) {
            return submitted <= instant && durable > instant && dropped > instant;
        }
    }

    /** A name that a file was given: as a write, there or lost, and durable when its folder was synced. */
    static final class Naming extends Write {
        /** The name that it had until then; null for none. */
        final Path before;
        final Path file;

        Naming(Path before, Path name, Path file, long submitted) {
            super(name, 0, 0, null, submitted);
            this.before = before;
            this.file = file;
            completed = submitted;
            acknowledged = submitted;
        }

        void apply(Map<Path, Path> names) {
            names.put(path, file);
            if (before != null && file.equals(names.get(before))) {
                names.remove(before);
            }
        }
    }

    /** A file that was made, durably, while recording. */
    record Creation(Path path, long bytes, long instant) {}

    /** A file that was given another length, durably. */
    private record Resize(Path path, long bytes, long instant) {}

    /** Something that a test wants to know of an instant. */
    private record Mark(long instant, long value) {}

    private final Map<Path, SparseBytes> start = new TreeMap<>();
    private final List<Write> writes = new ArrayList<>();
    private final List<Creation> creations = new ArrayList<>();
    /** Files that {@link #written} made, under names that nobody else has, and how long they are. */
    private final Map<Path, Integer> unnamed = new TreeMap<>();
    /** Which of those a name stands for now. */
    private final Map<Path, Path> named = new TreeMap<>();
    private final List<Resize> resizes = new ArrayList<>();
    private final List<Mark> marks = new ArrayList<>();
    /** Just before each SYNC was acknowledged and each mark made: what may be lost is most there. */
    private final List<Long> peaks = new ArrayList<>();
    private long instant;

    /** Records from now on; the files, as they are, count as durable. */
    public WriteRecorder(Map<Path, SparseBytes> files) {
        files.forEach((path, bytes) -> start.put(path, bytes.copy()));
    }

    /** The instant now: all that was recorded has happened. */
    public long now() {
        return instant;
    }

    /**
     * Notes that, from now on, {@code value} holds: how many flushes were acknowledged, say. {@link #markAt} tells it
     * for a state.
     */
    public void mark(long value) {
        peaks.add(instant);
        marks.add(new Mark(++instant, value));
    }

    /** The value of the last mark at that instant; -1 when there was none. */
    public long markAt(long instant) {
        long value = -1;
        for (Mark mark : marks) {
            value = mark.instant <= instant ? mark.value : value;
        }
        return value;
    }

    /**
     * The instants worth a cut: any state that a cut at any other instant may leave is also one of these, and those are
     * held against the same mark.
     */
    public List<Long> instants() {
        List<Long> all = new ArrayList<>(peaks);
        all.add(instant);
        return all.stream().distinct().toList();
    }

    /**
     * A write was submitted: from now on a power cut may leave it.
     *
     * @param data what is written; null for zeros
     */
    public Write submitted(Path path, long offset, long length, byte[] data) {
        Write write = new Write(named.getOrDefault(path, path), offset, length, data, ++instant);
        writes.add(write);
        return write;
    }

    /** A small file was written, in place of what had the name. */
    void written(Path name, byte[] content) {
        Path file = name.resolveSibling(name.getFileName() + "#" + unnamed.size());
        unnamed.put(file, content.length);
        name(null, name, file);
        if (content.length > 0) {
            overwritten(name, 0, content);
        }
    }

    /** Part of a small file was written. */
    void overwritten(Path name, long offset, byte[] content) {
        Write write = submitted(name, offset, content.length, content);
        completed(write, content, content.length);
        acknowledged(write);
    }

    void renamed(Path before, Path name) {
        name(before, name, named.getOrDefault(before, before));
    }

    private void name(Path before, Path name, Path file) {
        writes.add(new Naming(before, name, file, ++instant));
        named.remove(before == null ? name : before);
        named.put(name, file);
    }

    /** A folder was synced: the names in it are durable. */
    void syncedFolder(Path folder) {
        peaks.add(instant);
        instant++;
        for (Write write : writes) {
            if (write instanceof Naming && folder.equals(write.path.getParent()) && write.durable == NEVER) {
                write.durable = instant;
            }
        }
    }

    /** The device did a write, so much of it. Writes land in the order of these calls. */
    public void completed(Write write, byte[] data, long length) {
        write.data = data;
        write.length = length;
        write.completed = ++instant;
    }

    /** The owner of a write is told of its completion: a SYNC that is submitted from now on covers it. */
    public void acknowledged(Write write) {
        write.acknowledged = ++instant;
    }

    /** A write came to nothing: what it did until now is there, or not. */
    public void dropped(Write write) {
        peaks.add(instant);
        write.dropped = ++instant;
    }

    /** A SYNC that was submitted at {@code since} is acknowledged. */
    public void synced(Path path, long since) {
        Path file = named.getOrDefault(path, path);
        peaks.add(instant);
        instant++;
        for (Write write : writes) {
            if (isCovered(write, file, since)) {
                write.durable = instant;
            }
        }
    }

    /** Whether a SYNC of a file that was submitted at {@code since} is to make that write durable. */
    private static boolean isCovered(Write write, Path file, long since) {
        return write.path.equals(file) && !(write instanceof Naming) && write.acknowledged <= since && write.durable == NEVER
            && write.dropped == NEVER;
    }

    /**
     * A SYNC that was submitted at {@code since} has failed. Of the writes that it was to make durable, each is so by chance, or in part, or
     * is still to be made so by the next one, or is lost: no later SYNC brings it back.
     */
    public void syncFailed(Path path, long since, SimRandom random) {
        Path file = named.getOrDefault(path, path);
        peaks.add(instant);
        instant++;
        for (Write write : writes) {
            if (isCovered(write, file, since)) {
                fail(write, random);
            }
        }
    }

    private void fail(Write write, SimRandom random) {
        switch (random.below(FATES)) {
            case 0 -> write.durable = instant;
            case 1 -> {
                long sectors = write.length / CutPlan.SECTOR;
                write.length = sectors > 1 ? (1 + random.below((int) sectors - 1)) * (long) CutPlan.SECTOR : write.length;
                write.durable = instant;
            }
            case 2 -> write.dropped = instant;
            default -> { }
        }
    }

    /** What a file reads as, when its device has forgotten all writes that ended and are lost. */
    public SparseBytes readable(Path path) {
        SparseBytes bytes = durableAt(instant).get(named.getOrDefault(path, path));
        for (Write write : openAt(instant)) {
            if (write.completed <= instant && write.path.equals(named.getOrDefault(path, path))) {
                apply(bytes, write, write.offset, endAt(write, instant));
            }
        }
        return bytes;
    }

    void created(Path path, long bytes) {
        peaks.add(instant);
        creations.add(new Creation(path, bytes, ++instant));
    }

    void resized(Path path, long bytes) {
        peaks.add(instant);
        resizes.add(new Resize(named.getOrDefault(path, path), bytes, ++instant));
    }

    /** A file that a test put there counts as having been there from the start. */
    void put(Path path, SparseBytes bytes) {
        named.remove(path);
        start.put(path, bytes.copy());
    }

    /**
     * The files by their names, of those that are there by what {@link #durableAt} and open writes made them.
     *
     * @param chosen of the namings that are open at the instant, those that a cut leaves
     */
    Map<Path, SparseBytes> namedAt(long instant, Map<Path, SparseBytes> files, Set<Write> chosen) {
        Map<Path, Path> names = new TreeMap<>();
        files.keySet().stream().filter(file -> !unnamed.containsKey(file)).forEach(file -> names.put(file, file));
        for (Write write : writes) {
            if (write instanceof Naming naming && (write.durable <= instant || chosen.contains(write))) {
                naming.apply(names);
            }
        }
        Map<Path, SparseBytes> byName = new TreeMap<>();
        names.forEach((name, file) -> byName.put(name, files.get(file)));
        return byName;
    }

    /** The files with all that is durable at that instant and nothing else. */
    Map<Path, SparseBytes> durableAt(long instant) {
        Map<Path, SparseBytes> files = new TreeMap<>();
        start.forEach((path, bytes) -> files.put(path, bytes.fork()));
        for (Creation creation : creations) {
            if (creation.instant <= instant) {
                files.put(creation.path, new SparseBytes(creation.bytes));
            }
        }
        unnamed.forEach((file, bytes) -> files.put(file, new SparseBytes(bytes)));
        int resized = 0;
        List<Write> durable = writes.stream()
            .filter(write -> write.durable <= instant && !(write instanceof Naming))
            .sorted((one, other) -> Long.compare(one.completed, other.completed)).toList();
        for (Write write : durable) {
            resized = resize(files, resized, Math.min(write.completed, instant));
            apply(files.get(write.path), write, write.offset, write.offset + write.length);
        }
        resize(files, resized, instant);
        return files;
    }

    /** Does what was resized up to then, from the given one on; gives the next. */
    private int resize(Map<Path, SparseBytes> files, int from, long instant) {
        int next = from;
        for (; next < resizes.size() && resizes.get(next).instant <= instant; next++) {
            files.get(resizes.get(next).path).resize(resizes.get(next).bytes);
        }
        return next;
    }

    /** Where a write ends of which a later shortening of its file may have cut something off. */
    long endAt(Write write, long instant) {
        long end = write.offset + write.length;
        for (Resize resize : resizes) {
            boolean later = resize.instant > write.completed && resize.instant <= instant;
            if (later && resize.path.equals(write.path)) {
                end = Math.min(end, Math.max(write.offset, resize.bytes));
            }
        }
        return end;
    }

    /** What a cut at that instant may leave or lose, in order of completion, then of submission. */
    List<Write> openAt(long instant) {
        return writes.stream()
            .filter(write -> write.isOpen(instant))
            .sorted((one, other) -> {
                long first = one.completed <= instant ? one.completed : NEVER;
                long second = other.completed <= instant ? other.completed : NEVER;
                return first != second ? Long.compare(first, second) : Long.compare(one.submitted, other.submitted);
            })
            .toList();
    }

    /** Does the part of the write from byte {@code from} up to {@code to} of the file. */
    static void apply(SparseBytes bytes, Write write, long from, long to) {
        if (from >= to) {
            return;
        }
        if (write.data == null) {
            bytes.zero(from, to - from);
        } else {
            bytes.write(from, write.data, (int) (from - write.offset), (int) (to - from));
        }
    }
}
