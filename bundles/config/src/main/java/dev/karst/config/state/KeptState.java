package dev.karst.config.state;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.config.state.SavedConfig.Section;
import dev.karst.config.state.StateFolder.Saved;
import dev.karst.rpc.ChangeJournal;
import dev.karst.rpc.ConfigSource.Call;
import dev.karst.rpc.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Keeps changes in a journal, and begins a new one with a snapshot of the layers when there is no room for one more change. Of
 * those that wait for a change, one writes all that there are, and syncs once. While a layer is being replaced no snapshot is
 * taken and the journal grows instead, up to a limit. Control threads.
 */
public final class KeptState implements ChangeJournal {
    private static final System.Logger LOG = System.getLogger(KeptState.class.getName());

    /**
     * How much room there is.
     *
     * @param journal bytes of a new journal, a multiple of 512; what is lacking is found when it is made and not later
     * @param change bytes that the largest change may take, with its head
     * @param mostJournal bytes that a journal may grow to while there can be no snapshot
     */
    public record Limits(int journal, int change, int mostJournal) {
        /** A request has up to 256 KiB. */
        public static final Limits USUAL = new Limits(1 << 20, 320 << 10, 32 << 20);
    }

    private final StateFolder folder;
    private final LayerStates layers;
    private final Limits limits;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition written = lock.newCondition();
    private final List<String> pending = new ArrayList<>();
    private List<Call> leftOut;
    private int pendingBytes;
    private long generation;
    private int sequence;
    private int end;
    private int capacity;
    private long appended;
    private long durable;
    /** Somebody is at the files, outside the lock. */
    private boolean busy;
    /** Why the last write came to nothing; only a new journal helps. */
    private StorageException failure;

    /**
     * What comes after a state that was saved, or after none; the first change, or {@link #begin}, writes a snapshot.
     *
     * @param leftOut calls of the saved state that could not be made
     */
    public KeptState(StateFolder folder, LayerStates layers, Limits limits, Saved saved, List<Call> leftOut) {
        this.folder = folder;
        this.layers = layers;
        this.limits = limits;
        this.leftOut = List.copyOf(leftOut);
        generation = saved.last();
    }

    /** Writes a snapshot. If that fails, each change tries it again, and is refused until it succeeds. */
    public void begin() {
        try {
            enter();
            try {
                renew();
            } finally {
                leave();
            }
        } catch (StorageException e) {
            LOG.log(System.Logger.Level.ERROR, "configuration: changes are refused until this works: " + e.getMessage());
        }
    }

    /** Goes on with the journal that was read, as its changes are in the layers already. */
    public void resume(Saved saved) {
        try {
            enter();
            try {
                if (saved.groups() == 0) {
                    folder.beginJournal(generation, limits.journal);
                    begun();
                } else {
                    extend(saved.end(), limits.journal);
                    end = saved.end();
                    sequence = saved.groups();
                }
            } finally {
                leave();
            }
        } catch (StorageException e) {
            LOG.log(System.Logger.Level.ERROR, "configuration: changes are refused until the next start: " + e.getMessage());
        }
    }

    @Override
    public void reserve() throws StorageException {
        lock.lock();
        try {
            if (failure == null && hasRoom(capacity)) {
                return;
            }
        } finally {
            lock.unlock();
        }
        enter();
        try {
            renew();
        } finally {
            leave();
        }
    }

    private boolean hasRoom(int bytes) {
        return (long) end + Group.bytes(pendingBytes) + limits.change <= bytes;
    }

    /** Has the files for itself; nothing is appended meanwhile. */
    private void enter() {
        lock.lock();
        try {
            awaitFiles();
            busy = true;
        } finally {
            lock.unlock();
        }
    }

    private void leave() {
        lock.lock();
        try {
            busy = false;
            written.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void awaitFiles() {
        while (busy) {
            written.awaitUninterruptibly();
        }
    }

    private void renew() throws StorageException {
        Optional<List<Section>> sections = layers.sections();
        if (sections.isPresent()) {
            compact(sections.get());
        } else if (failure == null && capacity > 0) {
            extend(end, capacity * 2);
        } else {
            throw StorageException.errno(Errno.EAGAIN, "the saved state cannot be written while a layer is being replaced;"
                + " restart Karst if none is" + (failure == null ? "" : " (" + failure.getMessage() + ")"));
        }
    }

    /** A new state with an empty journal. Whatever was appended is in it. */
    private void compact(List<Section> sections) throws StorageException {
        generation++;
        failure = unfinished();
        try {
            folder.begin(new SavedConfig(generation, sections, leftOut), limits.journal);
        } catch (StorageException e) {
            failure = e;
            throw e;
        }
        lock.lock();
        try {
            pending.clear();
            pendingBytes = 0;
            durable = appended;
            failure = null;
            begun();
        } finally {
            lock.unlock();
        }
    }

    private void begun() {
        end = Group.bytes("[]".length());
        sequence = 1;
        capacity = limits.journal;
    }

    private static StorageException unfinished() {
        return StorageException.errno(Errno.EIO, "writing the saved state ended unexpectedly");
    }

    private void extend(int from, int bytes) throws StorageException {
        int more = bytes;
        while ((long) from + Group.bytes(pendingBytes) + limits.change > more) {
            more *= 2;
        }
        if (more > limits.mostJournal) {
            throw StorageException.errno(Errno.ENOSPC, "the journal " + folder.path() + "/journal has " + from
                + " bytes and may not grow further while a layer is being replaced; restart Karst");
        }
        folder.extend(from, more);
        capacity = more;
    }

    @Override
    public long append(String method, Map<String, Object> parameters) {
        String change = Json.text(SavedConfig.plain(new Call(method, parameters)));
        lock.lock();
        try {
            pending.add(change);
            pendingBytes += change.getBytes(StandardCharsets.UTF_8).length + 2;
            return ++appended;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void await(long change) throws StorageException {
        lock.lock();
        try {
            awaitFiles();
            while (durable < change) {
                if (failure != null) {
                    throw new StorageException(failure.code(),
                        "the change was made, but may be gone after a restart: " + failure.getMessage(), failure);
                }
                writePending();
                awaitFiles();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Writes all that is pending, with the lock given up meanwhile. */
    private void writePending() {
        byte[] group = Group.encode(generation, sequence++, pending);
        int at = end;
        long last = appended;
        end += group.length;
        pending.clear();
        pendingBytes = 0;
        busy = true;
        lock.unlock();
        StorageException problem = unfinished();
        try {
            folder.append(at, group);
            problem = null;
        } catch (StorageException e) {
            problem = e;
        } finally {
            lock.lock();
            busy = false;
            failure = problem;
            durable = problem == null ? last : durable;
            written.signalAll();
        }
    }

    /** Calls that could not be made at the start and are tried again at the next. */
    public List<Call> leftOut() {
        lock.lock();
        try {
            return leftOut;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Forgets the calls that were left out, durably. To be called within a change.
     *
     * @throws StorageException EAGAIN while a layer is being replaced; what {@link #reserve} throws
     */
    public void forgetLeftOut() throws StorageException {
        List<Call> before = leftOut();
        enter();
        try {
            leftOut = List.of();
            compact(layers.sections().orElseThrow(() -> StorageException.errno(
                Errno.EAGAIN, "a layer is being replaced; try again, or restart Karst if none is")));
        } catch (StorageException e) {
            leftOut = before;
            throw e;
        } finally {
            leave();
        }
    }

    /** Makes durable what was appended and nobody waits for yet. No change may be under way. */
    public void close() {
        try {
            await(appended);
        } catch (StorageException e) {
            LOG.log(System.Logger.Level.ERROR, "configuration: " + e.getMessage());
        }
    }
}
