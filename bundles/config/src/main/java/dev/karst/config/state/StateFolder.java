package dev.karst.config.state;

import dev.karst.base.StorageException;
import dev.karst.env.Files;
import dev.karst.rpc.ConfigSource.Call;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The folder of the saved state: {@code state.json}, its copy {@code state.backup.json}, and {@code journal} with the changes
 * since. A journal of an older generation than the state's is what a power cut left behind, and holds nothing new. What is
 * damaged stays beside, with {@code .damaged} behind its name. Control threads, one at a time.
 */
public final class StateFolder {
    private static final int MOST_BYTES = 64 << 20;

    private final Files files;
    private final Path folder;
    private final Path state;
    private final Path backup;
    private final Path journal;

    /**
     * What was saved.
     *
     * @param config the snapshot; null when nothing was ever saved
     * @param changes made since, in their order
     * @param last highest generation that is in use
     * @param groups of the journal that are whole, the first included
     * @param end where in the journal they end
     * @param notes for people: what is damaged, and what was done about it
     */
    public record Saved(
        SavedConfig config, List<Call> changes, long last, int groups, int end, List<String> notes) {
        /** Whether there is anything to play. */
        public boolean isThere() {
            return config != null;
        }

        /** All calls in the order in which they are to be made. */
        public List<Call> calls() {
            return config.calls(changes);
        }

        /** Those of one subsystem; of the changes, those whose method is one of its own. */
        List<Call> calls(String subsystem, Predicate<String> isOwn) {
            Stream<Call> snapshot = config.sections().stream().filter(section -> section.subsystem().equals(subsystem))
                .flatMap(section -> section.calls().stream());
            return Stream.concat(snapshot, changes.stream().filter(change -> isOwn.test(change.method()))).toList();
        }
    }

    /** A folder that exists; nothing is touched yet. */
    public StateFolder(Files files, Path folder) {
        this.files = files;
        this.folder = folder;
        state = folder.resolve("state.json");
        backup = folder.resolve("state.backup.json");
        journal = folder.resolve("journal");
    }

    /** The folder's path. */
    public Path path() {
        return folder;
    }

    /**
     * Reads what was saved, and copies aside what is damaged.
     *
     * @throws StorageException what {@link Files} throws
     * @throws IOException when there is a state and neither it nor its copy can be used; nothing may be written then
     */
    public Saved load() throws StorageException, IOException {
        List<String> notes = new ArrayList<>();
        SavedConfig config = snapshot(notes);
        if (config == null) {
            return new Saved(null, List.of(), 0, 0, 0, notes);
        } else if (!files.exists(journal)) {
            return new Saved(config, List.of(), config.generation(), 0, 0, notes);
        }
        byte[] content = files.read(journal, MOST_BYTES);
        Group first = Group.decode(content, 0);
        if (first == null || first.generation() > config.generation()) {
            setAside(journal, content, notes, first == null ? "its beginning is damaged"
                : "it is of generation " + first.generation() + ", the state of " + config.generation());
        }
        long last = Math.max(config.generation(), first == null ? 0 : first.generation());
        return first != null && first.generation() == config.generation()
            ? replay(config, content, notes) : new Saved(config, List.of(), last, 0, 0, notes);
    }

    private SavedConfig snapshot(List<String> notes) throws StorageException, IOException {
        if (!files.exists(state)) {
            return files.exists(backup) && files.exists(journal) ? fromBackup("it is missing", notes) : null;
        }
        byte[] content = files.read(state, MOST_BYTES);
        try {
            return SavedConfig.read(content, state.toString());
        } catch (IOException e) {
            SavedConfig config = fromBackup(e.getMessage(), notes);
            setAside(state, content, notes, "it cannot be used");
            return config;
        }
    }

    private SavedConfig fromBackup(String why, List<String> notes) throws StorageException, IOException {
        try {
            SavedConfig config = SavedConfig.read(files.read(backup, MOST_BYTES), backup.toString());
            notes.add(why + "; the copy " + backup + " was taken");
            return config;
        } catch (IOException | StorageException e) {
            throw new IOException(why + "; nor can the copy be used: " + e.getMessage() + ". Nothing is changed or kept until "
                + folder + " is mended or moved away", e);
        }
    }

    private Saved replay(SavedConfig config, byte[] content, List<String> notes) throws StorageException {
        List<Call> changes = new ArrayList<>();
        int groups = 0;
        int end = 0;
        for (Group group = Group.decode(content, 0); isNext(group, config.generation(), groups);
            group = Group.decode(content, end)) {
            changes.addAll(group.calls());
            groups++;
            end += group.bytes();
        }
        if (hasMore(content, end, config.generation())) {
            setAside(journal, content, notes, "it is damaged at byte " + end + "; what was changed after that is lost");
        }
        return new Saved(config, List.copyOf(changes), config.generation(), groups, end, notes);
    }

    private static boolean isNext(Group group, long generation, int sequence) {
        return group != null && group.generation() == generation && group.sequence() == sequence;
    }

    /** Whether something whole lies behind what is not: a power cut tears only the last group. */
    private static boolean hasMore(byte[] content, int from, long generation) {
        for (int at = from; at < content.length; at += Group.SECTOR) {
            Group group = Group.decode(content, at);
            if (group != null && group.generation() == generation) {
                return true;
            }
        }
        return false;
    }

    private void setAside(Path file, byte[] content, List<String> notes, String why) throws StorageException {
        Path aside = folder.resolve(file.getFileName() + ".damaged");
        files.replace(aside, content);
        notes.add(file + ": " + why + "; it is kept as " + aside);
    }

    /**
     * Puts a new state, and an empty journal of its generation, in place of what there is. After a power cut either is there.
     *
     * @param journalBytes room for changes
     */
    void begin(SavedConfig config, int journalBytes) throws StorageException {
        byte[] content = config.content();
        files.replace(backup, content);
        files.replace(state, content);
        beginJournal(config.generation(), journalBytes);
    }

    /** Puts an empty journal in place of what there is. */
    void beginJournal(long generation, int journalBytes) throws StorageException {
        files.replace(journal, Arrays.copyOf(Group.encode(generation, 0, List.of()), journalBytes));
    }

    /** Writes a group durably. */
    void append(int at, byte[] group) throws StorageException {
        files.writeAt(journal, at, group);
        files.sync(journal);
    }

    /** Gives the journal another length, with zeros behind where it ends. */
    void extend(int end, int journalBytes) throws StorageException {
        byte[] content = files.read(journal, MOST_BYTES);
        files.replace(journal, Arrays.copyOf(Arrays.copyOf(content, end), journalBytes));
    }
}
